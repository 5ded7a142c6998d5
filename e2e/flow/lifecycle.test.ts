/** The first and the last second of a process: it listens only when it can serve, and ends without cutting anything off. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { sendRaw } from '../support/raw-request.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const standalone = join(import.meta.dirname, '../../.next/standalone');
const browser = new HttpBrowser();
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await signInByHttp(stack, browser);
});
afterAll(() => stack.close());

it('after SIGTERM, open event streams end as if they were complete, and the log says when it began and was over', async () => {
  const response = await fetch(`${stack.appOrigin}/api/gateway/messages/stream`, {
    headers: {
      accept: 'text/event-stream',
      cookie: cookieHeader(browser, stack.appOrigin),
      ...{ 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' },
    },
  });
  expect(response.status).toBe(200);
  await stack.stop('application');
  expect(await response.text()).toMatch(/^:/);
  expect(stack.appEvents('shutdown_started')).toMatchObject([
    { level: 'info', signal: 'SIGTERM', running: 1 },
  ]);
  expect(stack.appEvents('shutdown_completed')).toMatchObject([{ cut: 0 }]);
  expect(stack.appEvents('gateway_response_cut')).toEqual([]);
});

it('no request meets a server that is still starting: none gets a connection before', async () => {
  await stack.stop('application');
  let isStarted = false;
  const start = stack.start('application').then(() => {
    isStarted = true;
  });
  const statuses: number[] = [];
  while (!isStarted) {
    const page = await fetch(`${stack.appOrigin}/sign-in`).catch(() => null);
    if (page !== null) statuses.push(page.status);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await start;
  statuses.push((await fetch(`${stack.appOrigin}/sign-in`)).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect((await browser.visit(`${stack.appOrigin}/dashboard`)).status).toBe(200);
});

it('OP-01: listens only when its authorization server was asked, also where that does not respond', async () => {
  const asked = Promise.withResolvers<void>();
  const held: (() => void)[] = [];
  const silent = createServer((_request, response) => {
    held.push(() => response.writeHead(503).end());
    asked.resolve();
  });
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  await stack.stop('application');
  const started = stack.start('application', { AUTH_ISSUER: `http://127.0.0.1:${port}` });
  await asked.promise;
  await expect(fetch(`${stack.appOrigin}/healthz`)).rejects.toMatchObject({
    cause: { code: 'ECONNREFUSED' },
  });
  for (const respond of held) respond();
  await started;
  expect((await fetch(`${stack.appOrigin}/healthz`)).status).toBe(200);
  silent.closeAllConnections();
  silent.close();
  await stack.stop('application');
  await stack.start('application');
});

it('during SHUTDOWN_DELAY it is not ready, and still serves who comes', async () => {
  await stack.stop('application');
  await stack.start('application', { SHUTDOWN_DELAY: '10000' });
  const statusOf = async (path: string) => (await fetch(stack.appOrigin + path)).status;
  expect(await statusOf('/readyz')).toBe(200);
  process.kill(stack.pidOf('application') ?? 0, 'SIGTERM');
  await expect.poll(() => statusOf('/readyz'), { interval: 20 }).toBe(503);
  expect([await statusOf('/healthz'), await statusOf('/sign-in')]).toEqual([200, 200]);
  expect((await browser.visit(`${stack.appOrigin}/dashboard`)).status).toBe(200);
  await stack.kill('application');
});

/** What Node, Next and packages print in their own way, at a signal. */
const noise = `process.on('SIGHUP', () => {
  console.log('to standard output', { a: 1 });
  console.error(new Error('an error\\nof two lines'));
  process.emitWarning('a warning');
  process.stderr.write('straight\\nto standard error\\n', () => console.info('written'));
  Promise.reject(new Error('not waited for'));
  setTimeout(() => { throw new Error('not caught'); });
});`;
const printed = [
  'to standard output .object.',
  'Error: an error of two lines',
  'Warning: a warning',
  'straight to standard error',
  'written',
  'unhandledRejection: Error: not waited for',
  'Error: not caught',
];

it('OP-03: every line is JSON, from the start to the end, whoever prints it; and one start failed before', async () => {
  await stack.stop('application');
  stack.lines.length = 0;
  const other = createServer((_, response) => response.writeHead(503).end()).listen(
    Number(new URL(stack.appOrigin).port),
    '127.0.0.1',
  );
  await once(other, 'listening');
  await expect(stack.start('application')).rejects.toThrow('exited while starting');
  await new Promise((resolve) => other.close(resolve));
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(noise)}`;
  await stack.start('application', { NODE_OPTIONS });
  await sendRaw(stack.appOrigin, '/', { headers: { host: 'evil.example' } });
  const texts = () => stack.appEvents('printed').map(({ text }) => `${text}`);
  process.kill(stack.pidOf('application') ?? 0, 'SIGHUP');
  await expect
    .poll(texts)
    .toEqual(expect.arrayContaining(printed.map((text) => expect.stringMatching(text))));
  await stack.stop('application');
  const lines = stack.lines.filter(({ server }) => server === 'application').map(({ line }) => line);
  for (const line of lines)
    expect(JSON.parse(line)).toEqual({
      ...JSON.parse(line),
      level: expect.any(String),
      time: expect.any(String),
    });
  expect(stack.appEvents('not_started')).toMatchObject([
    { level: 'error', text: expect.stringMatching(/^Port \d+ is in use/) },
  ]);
  expect(stack.appEvents('request_rejected')).toHaveLength(1);
  expect(stack.appEvents('shutdown_completed')).toHaveLength(1);
});

it('OP-03: what is printed before there is a log is JSON too, and an error then ends the process', () => {
  const script = `import './early-lines.mjs'; console.log('a banner'); console.error('two\\nlines');
    process.emitWarning('a warning'); setTimeout(() => { throw new Error('too early'); });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: standalone,
    encoding: 'utf8',
  });
  const texts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).text);
  expect([status, stderr, texts]).toEqual([1, '', ['two lines', 'Warning: a warning', 'Error: too early']]);
});

it.each([
  [{ VERCEL: '1' }, 'this host (Vercel, as VERCEL says) runs functions'],
  [
    { AWS_LAMBDA_FUNCTION_NAME: 'app' },
    'this host (AWS Lambda, as AWS_LAMBDA_FUNCTION_NAME says) runs functions',
  ],
  [{}, 'no server listens in this process'],
])('without a server of its own it does not start, and says so: %j', (env, said) => {
  const { config } = JSON.parse(readFileSync(join(standalone, '../required-server-files.json'), 'utf8'));
  // As hosts do that call Next for each request.
  const script = `const { getRequestHandlers } = require('next/dist/server/lib/start-server');
    getRequestHandlers({ dir: process.cwd(), port: 1, isDev: false, hostname: 'localhost' });`;
  const { status, stdout } = spawnSync(process.execPath, ['-e', script], {
    cwd: standalone,
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'production' },
      ...{ __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(config), ...env },
    },
    encoding: 'utf8',
    timeout: 240_000,
  });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  expect([status, JSON.parse(line)]).toEqual([
    1,
    expect.objectContaining({ event: 'not_started', text: expect.stringContaining(said) }),
  ]);
});
