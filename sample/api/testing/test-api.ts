/** A running API with its own authorization server, folder and clock, for tests that speak HTTP. Disposing it removes all of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWTPayload } from 'jose';
import { type RunningApi, startApi } from '../server.ts';
import {
  buildClaims,
  createTestKey,
  signToken,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
  type TestKey,
} from './test-authorization-server.ts';

// RSA keys take time to make; one for all tests of a file.
let sharedKey: Promise<TestKey> | null = null;

export type LogLine = { event: string } & Record<string, unknown>;

export type TestApi = {
  identifier: string;
  server: TestAuthorizationServer;
  key: TestKey;
  log: LogLine[];
  /** Moves the clock of caches and limits. Tokens are judged by the real time plus this. */
  passTime(ms: number): void;
  /** A good token, with claims and header changed. */
  token(claims?: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  /** Calls with a token as Bearer, or with the given headers. */
  get(path: string, token?: string | Record<string, string>): Promise<Response>;
  delete(path: string, token: string): Promise<Response>;
  post(body: unknown, token: string, headers?: Record<string, string>): Promise<Response>;
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type TestApiOptions = {
  requestsPerMinute?: number;
  freshSignInSec?: number;
  requiredAcr?: string;
  heartbeatMs?: number;
  /** Time passes by `passTime` alone. */
  isClockStopped?: boolean;
};

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  sharedKey ??= createTestKey('key-1');
  const key = await sharedKey;
  const server = await startTestAuthorizationServer([key]);
  const stateFolder = await mkdtemp(join(tmpdir(), 'strongroom-api-'));
  const log: LogLine[] = [];
  let passedMs = 0;
  const stoppedAtMs = options.isClockStopped ? Date.now() : null;
  const start = (port: number): Promise<RunningApi> =>
    startApi(
      {
        issuer: server.issuer,
        apiPort: port,
        apiIdentifier: `http://127.0.0.1:${port}`,
        stateFolder,
        freshSignInSec: options.freshSignInSec ?? 300,
        requiredAcr: options.requiredAcr ?? null,
      },
      {
        requestsPerMinute: options.requestsPerMinute ?? 100_000,
        heartbeatMs: options.heartbeatMs ?? 15_000,
        log: (event, fields) => void log.push({ event, ...fields }),
        nowMs: () => (stoppedAtMs ?? Date.now()) + passedMs,
      },
    );
  let api = await start(0);
  const { identifier } = api;

  return {
    identifier,
    server,
    key,
    log,
    passTime: (ms) => {
      passedMs += ms;
    },
    token: (claims, header) =>
      signToken({ claims: { ...buildClaims(server.issuer, identifier), ...claims }, header, key }),
    get: (path, token) => {
      const headers = typeof token === 'string' ? { authorization: `Bearer ${token}` } : token;
      return fetch(identifier + path, { headers });
    },
    delete: (path, token) =>
      fetch(identifier + path, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }),
    post: (body, token, headers) =>
      fetch(`${identifier}/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    restart: async () => {
      await api.close();
      api = await start(Number(new URL(identifier).port));
    },
    [Symbol.asyncDispose]: async () => {
      await api.close();
      await server.close();
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
}
