/**
 * Small servers on loopback around the doctor, healthy until a case breaks one of them: an authorization
 * server, an API, what responds at AUTH_URL, and a Redis where there is one.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { declaration } from '../../lib/declaration.ts';
import { runDoctor } from '../../lib/strongroom/doctor/run-doctor.ts';
import { forgetProcessSingletons } from '../../lib/strongroom/testing/environment.ts';
import { json, startTestServer, type TestServer } from '../../lib/strongroom/testing/http-server.ts';
import { hasRedis, type RedisServer, startRedis } from '../../scripts/redis-server.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../hostile/authorization-server.ts';

export type DoctorWorld = {
  server: AuthorizationServer;
  api: TestServer;
  app: TestServer;
  /** Endpoints that a case needs elsewhere. */
  other: TestServer;
  redis: RedisServer | null;
  /** Issuers by https, by the name of their certificate. */
  secureIssuers: Readonly<Record<string, string>>;
  /** What must never be printed. */
  secrets: string[];
  /** The environment of the healthy deployment. */
  env: Readonly<Record<string, string>>;
  heal(): Promise<void>;
  close(): Promise<void>;
};

export type Diagnosis = {
  exitCode: number | null;
  text: string;
  findings: { level: string; check: string; words: string; mend?: string; variable?: string }[];
};

const root = join(import.meta.dirname, '../..');
const [appSecret, clientSecret] = ['mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA', 's: % + "ü"&=/?~ kT5bW9qN2rV7xM4p'];

export async function startDoctorWorld(): Promise<DoctorWorld> {
  const [api, app, other] = await Promise.all([startTestServer(), startTestServer(), startTestServer()]);
  const client = {
    id: 'doctor % + w&rld',
    secret: clientSecret,
    redirectUri: `${app.origin}/auth/callback/provider`,
    audience: api.origin,
  };
  const server = await startAuthorizationServer(client);
  const { keys } = server;
  const redis = hasRedis() ? await startRedis(['--appendonly', 'yes']) : null;

  const secure = await Promise.all(['expired', 'other-host', 'self-signed', 'right'].map(startSecure));

  async function heal(): Promise<void> {
    Object.assign(client, { id: 'doctor % + w&rld', isEncoded: false, secret: clientSecret });
    Object.assign(server, { metadata: {}, jwks: {}, fault: {}, keys, decoys: [] });
    for (const one of [api, app, other]) one.reset();
    api.handlers['/'] = json({}, 401, { 'www-authenticate': 'Bearer' });
    app.handlers['/healthz'] = json({ status: 'ok' });
    app.handlers['/readyz'] = json({ status: 'ok' });
    app.handlers['/'] = json({});
    await redis?.command('CONFIG SET appendonly yes');
    await redis?.command('CONFIG SET maxmemory 0');
    await redis?.command('REPLICAOF NO ONE');
  }

  await heal();
  return {
    server,
    api,
    app,
    other,
    redis,
    secureIssuers: Object.fromEntries(secure.map(({ name, origin }) => [name, origin])),
    secrets: [appSecret, clientSecret, encodeURIComponent(clientSecret), 'redis-password', 'access-token-'],
    env: {
      AUTH_URL: app.origin,
      AUTH_SECRET: `1:${appSecret}`,
      AUTH_ISSUER: server.issuer,
      AUTH_CLIENT_ID: client.id,
      AUTH_CLIENT_SECRET: clientSecret,
      AUTH_AUDIENCE: api.origin,
      API_BASE_URL: api.origin,
      CALENDAR_AUDIENCE: api.origin,
      CALENDAR_BASE_URL: api.origin,
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
    },
    heal,
    close: async () => {
      await Promise.all([server, api, app, other, redis, ...secure].map((one) => one?.close()));
    },
  };
}

/** A server by https with one of the certificates for tests (e2e/hostile/tls). */
async function startSecure(name: string) {
  const read = (file: string) => readFileSync(join(root, 'e2e/hostile/tls', file));
  const options = { key: read('test-only-key.pem'), cert: read(`${name}.pem`) };
  const server = createServer(options, (_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    name,
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => void server.close(resolve)),
  };
}

/** No test depends on speed: on a machine with other work a request takes seconds. */
const withinSec = 240;

/** A copy in which somebody develops has a `.env.local`, which is not read in production. */
const bareEnvironment = { PATH: process.env.PATH, NODE_ENV: 'production' } as const;

/** What the command does once it has started, in this process: starting takes it far longer than examining. */
export async function diagnoseHere(env: Readonly<Record<string, string>>): Promise<Diagnosis> {
  const outer = process.env;
  process.env = { ...bareEnvironment, ...env };
  forgetProcessSingletons();
  try {
    const { text, exitCode } = await runDoctor(declaration, { isJson: true, withinSec });
    return { exitCode, text, findings: JSON.parse(text).findings };
  } finally {
    process.env = outer;
    forgetProcessSingletons();
  }
}

/**
 * Runs the command as an operator does, in a process of its own.
 * @param command what Node is given: the doctor of the build, which starts three times as fast, or the sources
 */
export function diagnose(
  env: Readonly<Record<string, string>>,
  args = ['--json'],
  command = ['.next/standalone/doctor.mjs'],
): Promise<Diagnosis> {
  const child = spawn(process.execPath, [...command, ...args, '--within', String(withinSec)], {
    cwd: root,
    env: {
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/doctor'),
      ...bareEnvironment,
      ...env,
    } as NodeJS.ProcessEnv,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      text += data;
    });
  return new Promise((resolve) => {
    child.once('close', (exitCode) => {
      const findings = args.includes('--json') ? JSON.parse(text).findings : [];
      resolve({ exitCode, text, findings });
    });
  });
}
