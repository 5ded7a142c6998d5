import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { noonSec } from '../testing/sessions';
import { getMetadata, knownMetadata, validateMetadata } from './metadata';

const issuer = 'https://issuer.example';
const good = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
};
const reasonOf = async (document: unknown) =>
  (await appErrorOf(() => validateMetadata(document, issuer))).reason;

describe('a metadata document', () => {
  it('DI-06: needs no optional endpoint', () => {
    expect(validateMetadata(good, issuer)).toEqual(good);
  });

  it('DI-06: keeps known members and drops unknown ones', () => {
    const document = {
      ...good,
      end_session_endpoint: `${issuer}/logout`,
      id_token_signing_alg_values_supported: ['none'],
    };
    expect(validateMetadata(document, issuer)).toEqual({ ...good, end_session_endpoint: `${issuer}/logout` });
  });

  it('AZ-15: may have an endpoint with a query of its own', () => {
    const authorization_endpoint = `${issuer}/authorize?tenant=1`;
    expect(validateMetadata({ ...good, authorization_endpoint }, issuer)).toMatchObject({
      authorization_endpoint,
    });
  });

  it.each([
    `${issuer}1`,
    `${issuer}/`,
    'https://ISSUER.example',
    'http://issuer.example',
    'https://other.example',
    '',
  ])('DI-01: about the issuer "%s" is rejected', async (other) => {
    const error = await appErrorOf(() => validateMetadata({ ...good, issuer: other }, issuer));
    expect([error.code, error.reason]).toEqual(['configuration_invalid', 'metadata_issuer_mismatch']);
  });

  it.each(['{tenantid}', '%7Btenantid%7D', ':tenantid', '*', 'common'])(
    'ID-15: about a template of issuers with %s is rejected: no tenant is put in, and ours is compared as text',
    async (tenant) => {
      const entra = (name: string) => `https://login.microsoftonline.com/${name}/v2.0`;
      for (const ours of ['common', 'organizations', '11111111-2222-3333-4444-555555555555'].filter(
        (name) => name !== tenant,
      )) {
        const error = await appErrorOf(() =>
          validateMetadata({ ...good, issuer: entra(tenant) }, entra(ours)),
        );
        expect([error.code, error.reason]).toEqual(['configuration_invalid', 'metadata_issuer_mismatch']);
      }
    },
  );

  it.each(['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'])(
    'DI-06: without %s is rejected by that name',
    async (name) => {
      expect(await reasonOf({ ...good, [name]: undefined })).toBe(`metadata_${name}`);
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
  ])('AZ-15, DI-04: the endpoint %j is rejected, required or optional', async (address) => {
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'end_session_endpoint'])
      expect(await reasonOf({ ...good, [name]: address })).toBe(`metadata_${name}`);
  });

  it.each(['http://localhost:9/token', 'https://127.0.0.1/token', 'https://169.254.169.254/token'])(
    'DI-04: the endpoint %s is rejected while the issuer is public',
    async (token_endpoint) => {
      expect(await reasonOf({ ...good, token_endpoint })).toBe('metadata_token_endpoint');
    },
  );

  it.each([[null], [undefined], ['<html>'], [[]], [7]])('DI-04: %j is rejected', async (document) => {
    expect(await reasonOf(document)).toMatch(/^metadata_/);
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
    server.answers[path] = json(about(server.origin));
    expect(knownMetadata()).toBeNull();
    const all = await Promise.all(Array.from({ length: 20 }, getMetadata));
    wait(9 * 60_000);
    expect(await getMetadata()).toBe(all[0]);
    expect(knownMetadata()).toBe(all[0]);
    expect(server.countOf(path)).toBe(1);
  });

  it('DI-12: is refreshed in the background after ten minutes, while requests go on with the old one', async () => {
    server.answers[path] = json(about(server.origin));
    await getMetadata();
    const { promise: fetched, resolve } = Promise.withResolvers<void>();
    const changed = { ...about(server.origin), token_endpoint: `${server.origin}/token-2` };
    server.answers[path] = (_request, response) => {
      json(changed)(_request, response, '');
      response.on('close', () => resolve());
    };
    wait(10 * 60_000 + 1);
    expect((await getMetadata()).token_endpoint).toBe(`${server.origin}/token`);
    await fetched;
    await vi.waitUntil(() => knownMetadata()?.token_endpoint === `${server.origin}/token-2`, patience);
  });

  it('DI-03: the cached document is used while the server is down', async () => {
    server.answers[path] = json(about(server.origin));
    const known = await getMetadata();
    server.answers[path] = json({}, 503);
    wait(24 * 3_600_000);
    expect(await getMetadata()).toBe(known);
    await vi.waitUntil(() => server.countOf(path) === 2, patience);
    expect(await getMetadata()).toBe(known);
  });

  it('DI-02: a failure is shared by waiting requests, and the server is tried again after two seconds', async () => {
    server.answers[path] = json({}, 503);
    const errors = await Promise.all([1, 2, 3].map(() => appErrorOf(getMetadata)));
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('temporarily_unavailable'));
    await appErrorOf(getMetadata);
    expect(server.countOf(path)).toBe(1);
    server.answers[path] = json(about(server.origin));
    wait(2_001);
    expect((await getMetadata()).issuer).toBe(server.origin);
  });

  it.each([
    ['a redirect', 302, '', 'redirect'],
    ['HTML', 200, '<html>', 'metadata_document'],
    ['nothing', 200, '', 'metadata_document'],
    ['404', 404, '{}', 'metadata_status'],
    ['more than a megabyte', 200, `"${'a'.repeat(1_000_001)}"`, 'body_too_large'],
  ])('DI-04: %s is rejected with its reason', async (_name, status, body, reason) => {
    server.answers[path] = (_request, response) =>
      response.writeHead(status, { location: `${server.origin}/elsewhere` }).end(body);
    expect((await appErrorOf(getMetadata)).reason).toBe(reason);
    expect(server.countOf('/elsewhere')).toBe(0);
  });

  it('of an issuer with a path and a trailing slash is fetched from the right address', async () => {
    const own = `${server.origin}/tenant/`;
    useEnvironment({ AUTH_ISSUER: own });
    server.answers[`/tenant${path}`] = json({ ...about(server.origin), issuer: own });
    expect((await getMetadata()).issuer).toBe(own);
  });
});
