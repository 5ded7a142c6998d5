import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { noonSec } from '../testing/sessions';
import { getMetadata } from './metadata';

describe('discovery', () => {
  const path = '/.well-known/openid-configuration';
  let server: TestServer;

  const about = (origin: string) => ({
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/keys`,
  });
  const wait = (ms: number) => void vi.advanceTimersByTime(ms);
  const patience = { timeout: 120_000 };

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  beforeEach(() => {
    server.reset();
    useEnvironment({ AUTH_ISSUER: server.origin });
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
  });
  afterEach(() => void vi.useRealTimers());

  it('DI-03: is fetched once for many requests, at the same time and later', async () => {
    server.handlers[path] = json(about(server.origin));
    const all = await Promise.all(Array.from({ length: 20 }, getMetadata));
    wait(9 * 60_000);
    expect(await getMetadata()).toBe(all[0]);
    expect(server.countOf(path)).toBe(1);
  });

  it('DI-12: is refreshed in the background after ten minutes, while requests go on with the old one', async () => {
    server.handlers[path] = json(about(server.origin));
    await getMetadata();
    const { promise: fetched, resolve } = Promise.withResolvers<void>();
    const changed = { ...about(server.origin), token_endpoint: `${server.origin}/token-2` };
    server.handlers[path] = (_request, response) => {
      json(changed)(_request, response, '');
      response.on('close', () => resolve());
    };
    wait(10 * 60_000 + 1);
    expect((await getMetadata()).token_endpoint).toBe(`${server.origin}/token`);
    await fetched;
    await vi.waitUntil(
      async () => (await getMetadata()).token_endpoint === `${server.origin}/token-2`,
      patience,
    );
  });

  it('DI-03: the cached document is used while the server is down', async () => {
    server.handlers[path] = json(about(server.origin));
    const known = await getMetadata();
    server.handlers[path] = json({}, 503);
    wait(24 * 3_600_000);
    expect(await getMetadata()).toBe(known);
    await vi.waitUntil(() => server.countOf(path) === 2, patience);
    expect(await getMetadata()).toBe(known);
  });

  it('DI-02: a failure is shared by waiting requests, and the server is tried again after two seconds', async () => {
    server.handlers[path] = json({}, 503);
    const errors = await Promise.all([1, 2, 3].map(() => appErrorOf(getMetadata)));
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('temporarily_unavailable'));
    await appErrorOf(getMetadata);
    expect(server.countOf(path)).toBe(1);
    server.handlers[path] = json(about(server.origin));
    wait(2_001);
    expect((await getMetadata()).issuer).toBe(server.origin);
  });

  it.each([
    ['HTML', 200, '<html>', 'metadata_document', ['no JSON']],
    ['nothing', 200, '', 'metadata_document', ['no JSON']],
    ['JSON of an error', 200, '{"error":"not_found"}', 'metadata_issuer', ['nothing']],
    ['404', 404, '{}', 'metadata_status', ['status 404']],
    ['more than a megabyte', 200, `"${'a'.repeat(1_000_001)}"`, 'body_too_large', []],
  ])('DI-04: %s is rejected with its reason', async (_name, status, body, reason, received) => {
    server.handlers[path] = (_request, response) =>
      response.writeHead(status, { location: `${server.origin}/elsewhere` }).end(body);
    const failures = vi.spyOn(log, 'logFailure');
    expect((await appErrorOf(getMetadata)).reason).toBe(reason);
    expect(server.countOf('/elsewhere')).toBe(0);
    expect(failures.mock.calls.map(([, , fields]) => fields?.received)).toEqual(received);
    failures.mockRestore();
  });

  it.each([
    [{}, 'a metadata document'],
    [
      { AUTH_TOKEN_ENDPOINT: 'https://issuer.example/t' },
      'a metadata document, or AUTH_AUTHORIZATION_ENDPOINT and AUTH_JWKS_URI',
    ],
  ])(
    'DI-06: a server without one, and with %j, has the variables that are missing in the log',
    async (set, expected) => {
      useEnvironment({ AUTH_ISSUER: server.origin, ...set });
      server.handlers[path] = json({}, 404);
      const failures = vi.spyOn(log, 'logFailure');
      await appErrorOf(getMetadata);
      const line = { reason: 'metadata_status', variable: 'AUTH_ISSUER', expected, received: 'status 404' };
      expect(failures.mock.calls.map(([event, , fields]) => [event, fields])).toEqual([
        ['metadata_rejected', line],
      ]);
      failures.mockRestore();
    },
  );

  it.each([301, 302, 307, 308])('DI-04: a redirect %i within its origin is followed once', async (status) => {
    server.handlers[path] = (_request, response) =>
      response.writeHead(status, { location: '/elsewhere' }).end();
    server.handlers['/elsewhere'] = json(about(server.origin));
    expect((await getMetadata()).issuer).toBe(server.origin);
  });

  it.each([
    ['to another origin', 'http://localhost:9/elsewhere'],
    ['without an address', ''],
    ['that leads to another redirect', path],
  ])('TK-06: a redirect %s is not followed', async (_what, location) => {
    server.handlers[path] = (_request, response) => response.writeHead(301, { location }).end();
    const error = await appErrorOf(getMetadata);
    expect([error.code, error.reason]).toEqual(['invalid_response', 'redirect']);
    expect(server.countOf(path)).toBeLessThanOrEqual(2);
  });

  it('is asked for at the inner address, and is about the issuer', async () => {
    const own = 'https://sso.example/realms/main';
    useEnvironment({ AUTH_ISSUER: own, AUTH_ISSUER_INTERNAL_URL: `${server.origin}/realms/main/` });
    server.handlers[`/realms/main${path}`] = json(about(own));
    expect(await getMetadata()).toMatchObject({
      issuer: own,
      authorization_endpoint: `${own}/authorize`,
      token_endpoint: `${server.origin}/realms/main/token`,
    });
  });

  it('of an issuer with a path and a trailing slash is fetched from the right address', async () => {
    const own = `${server.origin}/tenant/`;
    useEnvironment({ AUTH_ISSUER: own });
    server.handlers[`/tenant${path}`] = json({ ...about(server.origin), issuer: own });
    expect((await getMetadata()).issuer).toBe(own);
  });
});
