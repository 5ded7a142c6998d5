import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { noonSec } from '../testing/sessions';
import { getMetadata, isServerReachable } from './metadata';
import { type ConfiguredServer, readMetadata } from './metadata-document';

const issuer = 'https://issuer.example';
const good = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
};
const server = (changes: Partial<ConfiguredServer> = {}): ConfiguredServer => ({
  issuer,
  internalUrl: null,
  endpoints: {},
  hasIdTokens: true,
  ...changes,
});
const read = (document: unknown, own = server()) => {
  const result = readMetadata(document, own);
  if (result.kind === 'rejected') throw new Error(result.reason);
  return result;
};
const rejectionOf = (document: unknown, own = server()) => {
  const result = readMetadata(document, own);
  return result.kind === 'rejected' ? result : null;
};
const reasonOf = (document: unknown, own = server()) => rejectionOf(document, own)?.reason;

describe('a metadata document', () => {
  it('DI-06: needs no optional endpoint', () => {
    expect(read(good)).toEqual({ kind: 'ok', metadata: good, leftOut: [] });
  });

  it('DI-06: keeps known members and drops unknown ones', () => {
    const document = {
      ...good,
      end_session_endpoint: `${issuer}/logout`,
      subject_types_supported: ['public'],
    };
    expect(read(document).metadata).toEqual({ ...good, end_session_endpoint: `${issuer}/logout` });
  });

  it('AZ-15: may have an endpoint with a query of its own', () => {
    const authorization_endpoint = `${issuer}/authorize?tenant=1`;
    expect(read({ ...good, authorization_endpoint }).metadata).toMatchObject({ authorization_endpoint });
  });

  it.each([
    `${issuer}1`,
    `${issuer}/`,
    'https://ISSUER.example',
    'http://issuer.example',
    'https://other.example',
    '',
  ])('DI-01: about the issuer "%s" is rejected, and the rejection names both', (other) => {
    const received = other === '' ? 'an empty text' : other;
    const expected = { kind: 'rejected', reason: 'metadata_issuer_mismatch', expected: issuer, received };
    expect(rejectionOf({ ...good, issuer: other })).toEqual(expected);
  });

  it.each([
    [null, 'metadata_document', 'null'],
    [[good], 'metadata_document', 'a list'],
    ['\u202emaintenance\n', 'metadata_document', 'maintenance'],
    [{ error: 'not_found', message: 'no such tenant' }, 'metadata_issuer', 'nothing'],
    [{ ...good, issuer: { name: issuer } }, 'metadata_issuer', 'object'],
    [{ ...good, jwks_uri: 'x'.repeat(1_000) }, 'metadata_jwks_uri', 'x'.repeat(200)],
  ])('DI-04: %j is rejected, and the log tells what is there', (document, reason, received) => {
    expect(rejectionOf(document)).toMatchObject({ reason, received });
  });

  it.each(['{tenantid}', '%7Btenantid%7D', ':tenantid', '*', 'common'])(
    'ID-15: about a template of issuers with %s is rejected: no tenant is put in, and ours is compared as text',
    async (tenant) => {
      const entra = (name: string) => `https://login.microsoftonline.com/${name}/v2.0`;
      for (const ours of ['common', 'organizations', '11111111-2222-3333-4444-555555555555'].filter(
        (name) => name !== tenant,
      )) {
        const document = { ...good, issuer: entra(tenant) };
        expect(reasonOf(document, server({ issuer: entra(ours) }))).toBe('metadata_issuer_mismatch');
      }
    },
  );

  it.each(['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'])(
    'DI-06: without %s is rejected, and the error names it',
    async (name) => {
      expect(reasonOf({ ...good, [name]: undefined })).toBe(`metadata_${name}`);
    },
  );

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'http://issuer.example/authorize',
    'https://user@issuer.example/authorize',
    'https://user:secret@issuer.example/authorize',
    'https://issuer.example/authorize#x',
    'https://issuer.example/authorize\r\nX: y',
    ' https://issuer.example/authorize',
    '/authorize',
    'https://',
    '',
    7,
    ['https://issuer.example/authorize'],
    null,
    true,
  ])(
    'AZ-15, DI-04: the endpoint %j is rejected where it is required, and left out where it is not',
    (address) => {
      for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
        expect(reasonOf({ ...good, [name]: address })).toBe(`metadata_${name}`);
      for (const name of [
        'userinfo_endpoint',
        'end_session_endpoint',
        'revocation_endpoint',
        'pushed_authorization_request_endpoint',
      ])
        expect(read({ ...good, [name]: address })).toEqual({ kind: 'ok', metadata: good, leftOut: [name] });
    },
  );

  it.each([[null], ['true'], [1], [{}]])('DI-06: the flag %j is left out', (flag) => {
    const names = ['require_pushed_authorization_requests', 'authorization_response_iss_parameter_supported'];
    for (const name of names)
      expect(read({ ...good, [name]: flag })).toEqual({ kind: 'ok', metadata: good, leftOut: [name] });
  });

  it.each(['http://127.0.0.1:9/x', 'http://localhost/x', 'http://[::1]/x'])(
    'DI-05: the http endpoint %s is rejected while the issuer has https, on loopback too',
    (address) => {
      const own = 'https://localhost:8443';
      const local = {
        issuer: own,
        authorization_endpoint: `${own}/a`,
        token_endpoint: `${own}/t`,
        jwks_uri: `${own}/k`,
      };
      for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
        expect(rejectionOf({ ...local, [name]: address }, server({ issuer: own }))).toEqual({
          kind: 'rejected',
          reason: `metadata_${name}`,
          expected: 'an https address',
          received: address,
        });
      const left = read({ ...local, userinfo_endpoint: address }, server({ issuer: own }));
      expect(left).toEqual({ kind: 'ok', metadata: local, leftOut: ['userinfo_endpoint'] });
    },
  );

  it.each(['http://localhost:9/token', 'https://127.0.0.1/token', 'https://169.254.169.254/token'])(
    'DI-04: the endpoint %s is rejected while the issuer is public',
    async (token_endpoint) => {
      expect(reasonOf({ ...good, token_endpoint })).toBe('metadata_token_endpoint');
    },
  );

  it.each([[null], [undefined], ['<html>'], [[]], [7]])('DI-04: %j is rejected', async (document) => {
    expect(reasonOf(document)).toMatch(/^metadata_/);
  });
});

describe('an inner address of the issuer', () => {
  const own = 'https://sso.example/realms/main';
  const at = (path: string) => `https://sso.example${path}`;
  const internalUrl = 'http://keycloak:8080/inner';
  const document = {
    issuer: own,
    authorization_endpoint: at('/realms/main/auth'),
    token_endpoint: at('/realms/main/token?x=1'),
    jwks_uri: at('/other/keys'),
    userinfo_endpoint: 'http://keycloak:8080/userinfo',
    end_session_endpoint: at('/realms/main/logout'),
    revocation_endpoint: 'https://elsewhere.example/revoke',
    pushed_authorization_request_endpoint: at('/realms/mainland/par'),
  };

  it('takes the requests of ours, and none of the browser', () => {
    expect(read(document, server({ issuer: own, internalUrl })).metadata).toEqual({
      issuer: own,
      authorization_endpoint: at('/realms/main/auth'),
      token_endpoint: 'http://keycloak:8080/inner/token?x=1',
      jwks_uri: 'http://keycloak:8080/other/keys',
      userinfo_endpoint: 'http://keycloak:8080/userinfo',
      end_session_endpoint: at('/realms/main/logout'),
      revocation_endpoint: 'https://elsewhere.example/revoke',
      pushed_authorization_request_endpoint: 'http://keycloak:8080/realms/mainland/par',
    });
  });

  it('DI-05: is no place to send browsers to, and allows http nowhere else', () => {
    const inner = server({ issuer: own, internalUrl });
    const sent = { ...document, authorization_endpoint: 'http://keycloak:8080/auth' };
    expect(reasonOf(sent, inner)).toBe('metadata_authorization_endpoint');
    const other = { ...document, token_endpoint: 'http://other:8080/token' };
    expect(reasonOf(other, inner)).toBe('metadata_token_endpoint');
    expect(reasonOf({ ...document, issuer: internalUrl }, inner)).toBe('metadata_issuer_mismatch');
  });
});

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

  it('is not asked for where the endpoints are configured; readiness asks for the keys', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_AUTHORIZATION_ENDPOINT: `${server.origin}/a`,
      AUTH_TOKEN_ENDPOINT: `${server.origin}/t`,
      AUTH_JWKS_URI: `${server.origin}/k`,
      AUTH_USERINFO_ENDPOINT: `${server.origin}/u`,
      AUTH_REVOCATION_ENDPOINT: `${server.origin}/r`,
    });
    server.handlers['/k'] = json({ keys: [] });
    expect(await getMetadata()).toEqual({
      issuer: server.origin,
      authorization_endpoint: `${server.origin}/a`,
      token_endpoint: `${server.origin}/t`,
      jwks_uri: `${server.origin}/k`,
      userinfo_endpoint: `${server.origin}/u`,
      revocation_endpoint: `${server.origin}/r`,
    });
    wait(60_000);
    expect(await isServerReachable()).toBe(true);
    expect(server.requests).toEqual(['GET /k']);
    server.handlers['/k'] = json({}, 503);
    wait(60_000);
    expect(await isServerReachable()).toBe(false);
  });

  it('of a server without ID tokens needs no keys, and its token endpoint says whether it is there', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_AUTHORIZATION_ENDPOINT: `${server.origin}/a`,
      AUTH_TOKEN_ENDPOINT: `${server.origin}/t`,
      AUTH_USERINFO_ENDPOINT: `${server.origin}/u`,
      AUTH_USER_CLAIMS: 'sub=id',
      AUTH_SCOPES: 'read:user',
    });
    expect((await getMetadata()).jwks_uri).toBeUndefined();
    expect(server.requests).toEqual([]);
    expect(await isServerReachable()).toBe(true);
    expect(server.requests).toEqual(['GET /t']);
  });

  it.each([
    ['with discovery', {}, path],
    [
      'with configured endpoints',
      { AUTH_AUTHORIZATION_ENDPOINT: '/a', AUTH_TOKEN_ENDPOINT: '/t', AUTH_JWKS_URI: '/k' },
      '/k',
    ],
  ])(
    'OP-04: twenty checks of a server %s are one request, and so are those right after',
    async (_how, set, asked) => {
      const addresses = Object.entries(set).map(([name, at]) => [name, server.origin + at]);
      useEnvironment({ AUTH_ISSUER: server.origin, ...Object.fromEntries(addresses) });
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      server.handlers[asked] = async (...exchange) => {
        await held;
        json(asked === path ? about(server.origin) : { keys: [] })(...exchange);
      };
      const first = isServerReachable();
      await vi.waitUntil(() => server.countOf(asked) === 1, patience);
      const others = Array.from({ length: 19 }, isServerReachable);
      release();
      expect(await Promise.all([first, ...others])).toEqual(Array(20).fill(true));
      wait(4_999);
      expect(await isServerReachable()).toBe(true);
      expect(server.requests).toEqual([`GET ${asked}`]);
      wait(2);
      expect(await isServerReachable()).toBe(true);
      expect(server.countOf(asked)).toBe(2);
    },
  );

  it('of a server with one configured endpoint gives the others', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_REVOCATION_ENDPOINT: 'https://login.example/oauth/revoke',
    });
    server.handlers[path] = json({ ...about(server.origin), revocation_endpoint: null });
    expect(await getMetadata()).toMatchObject({
      token_endpoint: `${server.origin}/token`,
      revocation_endpoint: 'https://login.example/oauth/revoke',
    });
  });

  it('of an issuer with a path and a trailing slash is fetched from the right address', async () => {
    const own = `${server.origin}/tenant/`;
    useEnvironment({ AUTH_ISSUER: own });
    server.handlers[`/tenant${path}`] = json({ ...about(server.origin), issuer: own });
    expect((await getMetadata()).issuer).toBe(own);
  });
});
