/** The built application in a process of its own, with a fake API in place of each declared one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { basePath } from '../base/base-path';
import type { ApiName, Declaration } from '../config/declaration';
import { type FakeApi, startFakeApi } from './fake-api';
import { testEnvironment } from './test-environment';

export type TestApp = {
  /** Without a slash at the end. */
  url: string;
  /** By the names of the declaration. */
  apis: Readonly<Record<ApiName, FakeApi>>;
  /** The first of the declaration. */
  api: FakeApi;
  /** Everything that it printed. */
  lines: string[];
  close(): Promise<void>;
};

type Options = {
  /** Arguments of Node; left out: `.next/standalone/server.js`, or `next start` where that is not there. */
  command?: readonly string[];
  /** More environment for the application. */
  env?: Readonly<Record<string, string>>;
};

const standalone = '.next/standalone/server.js';
const nextStart = ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1'];
const pollMs = 50;
/** A port that was free may be taken a moment later. */
const maxTries = 3;

/**
 * Starts the build of the current folder on a free port, with fake APIs, and takes its environment over, so
 * that `signedInCookies` makes cookies for it. One for each process of a test runner.
 * @throws Error with what the application printed when it does not start, and in production
 * @example
 * const app = await startTestApp(declaration);
 * app.api.on('GET /invoices', { items: [] });
 * const cookies = await signedInCookies(declaration, { name: 'Ada' });
 */
export async function startTestApp(declaration: Declaration, options: Options = {}): Promise<TestApp> {
  const names = Object.keys(declaration.apis);
  const started = await Promise.all(names.map(async (name) => [name, await startFakeApi(name)] as const));
  const apis = Object.fromEntries(started) as TestApp['apis'];
  const [[, api] = [null, null]] = started;
  if (api === null) throw new Error('The declaration has no API.');
  const closeApis = () => Promise.all(started.map(([, one]) => one.close()));
  const apiUrls = Object.fromEntries(started.map(([name, { url }]) => [name, url]));
  for (let tries = 1; ; tries += 1) {
    const port = await findFreePort();
    const url = `http://localhost:${port}${basePath()}`;
    const env = testEnvironment(declaration, { appUrl: url, apiUrls });
    Object.assign(process.env, env);
    const app = launch(port, options);
    if (await isReady(app, `${url}/auth/status`))
      return {
        ...{ url, apis, api, lines: app.lines },
        close: async () => void (await Promise.all([stop(app), closeApis()])),
      };
    if (tries < maxTries && app.lines.some((line) => line.includes('EADDRINUSE'))) continue;
    await closeApis();
    throw new Error(`The application under test did not start:\n${app.lines.join('\n')}`);
  }
}

type Running = { child: ChildProcess; lines: string[] };

function launch(port: number, { command, env }: Options): Running {
  const args = command ?? (existsSync(standalone) ? [standalone] : nextStart);
  const own = { NODE_ENV: 'production' as const, PORT: String(port), HOSTNAME: '127.0.0.1', ...env };
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return { child, lines };
}

/** False when it ends before it responds. */
async function isReady({ child }: Running, address: string): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(address, { redirect: 'manual' }).catch(() => null);
    if (response !== null && response.status < 500) return true;
    await wait(pollMs);
  }
  return false;
}

/** Nobody waits for what a test has left open. */
async function stop({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
