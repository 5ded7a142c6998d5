/** Two instances behind nginx that share a Redis, and their deployments: one instance after the other. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild, waitUntilReady } from '../../scripts/child.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { startRedis } from '../../scripts/redis-server.ts';
import { baseEnv, describeApp } from '../../scripts/stack-settings.ts';
import { makeChangedBuild } from './changed-build.ts';
import { startNginx } from './nginx.ts';
import { patientNode } from './patience.ts';
import { startTestStack, type TestStack } from './test-stack.ts';

export type RollingStack = {
  stack: TestStack;
  /** Puts another build in the place of both, one after the other; `between` runs after each. */
  deploy(name: string, between: () => Promise<void>): Promise<void>;
  /** Events in the log of all instances there were. */
  events(name: string): Record<string, unknown>[];
  exitCodes: (number | null)[];
  proxyErrors(): string[];
  close(): Promise<void>;
};

export async function startRollingStack(): Promise<RollingStack> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-rolling-'));
  const archive = join(folder, 'archive');
  mkdirSync(archive);
  const [tls = 0, clear = 0, first = 0, second = 0] = await findFreePorts(4);
  const origin = `https://localhost:${tls}`;
  const redis = await startRedis();
  const env = { AUTH_URL: origin, SAMPLE_APP_URL: origin, REDIS_URL: redis.url, DEMO_ACCOUNTS: '' };
  const started = await startTestStack({ ...env, AUTH_PAR: 'when-required' });
  const stack = { ...started, appOrigin: origin };
  // The instances below take its place: each runs a build of its own.
  await stack.stop('application');
  const nginx = await startNginx({ tls, clear, instances: [first, second] });
  const lines: string[] = [];
  const exitCodes: (number | null)[] = [];
  const running = new Map<number, Child>();

  async function start(port: number, build: string): Promise<void> {
    const options = { appPort: port, authorizationServerPort: 0, apiPort: 0, stateFolder: '' };
    const told = { ...patientNode, RATE_LIMIT_PER_MINUTE: '1000000', ...env, AUTH_PAR: 'when-required' };
    const child = startChild({
      name: build,
      args: [join(build, 'server.js')],
      env: {
        ...baseEnv(options),
        ...describeApp({ ...options, env: told }, stack.settings, stack.secrets),
        PORT: String(port),
      },
      onLine: (line) => void lines.push(line),
    });
    running.set(port, child);
    await waitUntilReady(child, `http://127.0.0.1:${port}/healthz`);
  }
  async function stop(port: number): Promise<void> {
    const child = running.get(port);
    await child?.stop();
    if (child !== undefined) exitCodes.push(await child.exited);
  }

  const initial = makeChangedBuild(folder, 'build-0', archive);
  await Promise.all([first, second].map((port) => start(port, initial)));
  return {
    stack,
    exitCodes,
    proxyErrors: nginx.errors,
    events: (name) =>
      lines.flatMap((line) =>
        line.startsWith(`{`) && line.includes(`"event":"${name}"`) ? [JSON.parse(line)] : [],
      ),
    async deploy(name, between) {
      const build = makeChangedBuild(folder, name, archive);
      for (const port of [first, second]) {
        await stop(port);
        await between();
        await start(port, build);
        await between();
      }
    },
    close: async () => {
      await Promise.all([...running.values()].map((child) => child.stop()));
      await Promise.all([nginx.close(), started.close(), redis.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
