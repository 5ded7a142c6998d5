/**
 * A stack of servers for one group of tests: own ports, own temporary state, everything that they printed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../scripts/ports.ts';
import { type RedisServer, startRedis } from '../../scripts/redis-server.ts';
import { type ServerName, type Stack, startStack } from '../../scripts/stack.ts';
import { startEdge } from './edge.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { patientNode } from './patience.ts';
import { startSampleHere } from './sample-in-process.ts';

export type TestStack = Stack & {
  /** Every line that the servers printed, in order. */
  lines: { server: ServerName; line: string }[];
  /** The application's log, of all instances, one object per event. */
  appEvents(name?: string): Record<string, unknown>[];
  passwordOf(email: string): string;
  /** In front of the authorization server, if asked for. */
  proxy: FaultProxy | null;
};

export const ada = 'ada@strongroom.test';
export const grace = 'grace@strongroom.test';

type Shape = {
  /** How many of the application, behind a balancer when there are several. */
  instances?: number;
  /** Puts something in front of the authorization server that can make it fail. */
  isFaulty?: boolean;
  /** The bundled servers as the demo runs them, not in this process. */
  hasOwnProcesses?: boolean;
};

type Environment = Readonly<Record<string, string>>;

const testEnvironment: Environment = {
  // In these tests many users share one address, and sign in often.
  RATE_LIMIT_PER_MINUTE: '1000000',
  SAMPLE_API_REQUESTS_PER_MINUTE: '1000000',
  SAMPLE_PASSWORD_COST: '1024',
  COOKIE_NAME: 'strongroom',
};

export async function startTestStack(env: Environment = {}, shape: Shape = {}): Promise<TestStack> {
  const { instances = 1, isFaulty = false, hasOwnProcesses = false } = shape;
  const stateFolder = mkdtempSync(join(tmpdir(), 'strongroom-'));
  const [appPort = 0, authorizationServerPort = 0, apiPort = 0, calendarPort = 0, listenPort = 0, ...more] =
    await findFreePorts(5 + instances);
  const lines: TestStack['lines'] = [];
  const ports = { appPort, authorizationServerPort, apiPort, calendarPort };
  const proxy = isFaulty ? await startFaultProxy(authorizationServerPort, listenPort) : null;
  const stack = await startStack({
    ...ports,
    stateFolder,
    env: { ...testEnvironment, ...patientNode, ...env },
    onLine: (server, line) => void lines.push({ server, line }),
    ...(hasOwnProcesses ? {} : { startSample: startSampleHere }),
    ...(isFaulty ? { authorizationServerListenPort: listenPort } : {}),
    ...(instances > 1 ? { instancePorts: more } : {}),
  }).catch(async (error: Error) => {
    await proxy?.close();
    rmSync(stateFolder, { recursive: true, force: true });
    throw new Error(`${error.message}\n${lines.map(({ server, line }) => `${server}: ${line}`).join('\n')}`);
  });
  // Each instance is reached past the balancer, but not past its own name.
  const publicOrigin = env.AUTH_URL ?? stack.appOrigin;
  const edges = await Promise.all(
    stack.instanceOrigins.map((origin) => startEdge(Number(new URL(origin).port), publicOrigin)),
  );
  return {
    ...stack,
    instanceOrigins: edges.map(({ origin }) => origin),
    lines,
    proxy,
    appEvents: (name) => readEvents(lines).filter(({ event }) => name === undefined || event === name),
    passwordOf: (email) => stack.secrets.passwords[email] ?? '',
    close: async () => {
      await Promise.all([stack.close(), proxy?.close(), ...edges.map((edge) => edge.close())]);
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

/** Several instances and the Redis that they share, with a proxy in front of the authorization server. */
export type TestCluster = TestStack & { redis: RedisServer; proxy: FaultProxy };

export async function startTestCluster(env: Environment = {}, instances = 2): Promise<TestCluster> {
  const redis = await startRedis();
  try {
    const stack = await startTestStack(
      { REDIS_URL: redis.url, ...env },
      { instances, isFaulty: true, hasOwnProcesses: true },
    );
    const { proxy } = stack;
    if (proxy === null) throw new Error('no proxy');
    return {
      ...stack,
      proxy,
      redis,
      close: async () => void (await Promise.all([stack.close(), redis.close()])),
    };
  } catch (error) {
    await redis.close();
    throw error;
  }
}

function readEvents(lines: TestStack['lines']): Record<string, unknown>[] {
  return lines.flatMap(({ server, line }) =>
    server.startsWith('application') && line.startsWith('{') ? [JSON.parse(line)] : [],
  );
}
