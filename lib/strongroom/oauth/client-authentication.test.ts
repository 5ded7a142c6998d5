import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getConfig } from '../config/config';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { goodEnvironment, useEnvironment } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { publicClientKeys } from './client-keys';
import { sendTokenRequest } from './client-request';
import { getMetadata } from './metadata';
import { pushAuthorizationRequest } from './pushed-authorization';
import { findUnmetRequirements } from './server-requirements';
import { revokeRefreshToken } from './token-revocation';

let server: TestServer;
let forms: Record<string, string>[];
/** Of the header, where there is one. */
let credentials: (string | undefined)[];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  [forms, credentials] = [[], []];
  const responses = {
    '/par': json({ request_uri: 'urn:example:1', expires_in: 60 }, 201),
    '/token': json({ access_token: 'a', token_type: 'Bearer' }),
    '/revoke': json({}),
  };
  for (const [path, respond] of Object.entries(responses))
    server.handlers[path] = (request, response, body) => {
      forms.push(Object.fromEntries(new URLSearchParams(body)));
      credentials.push(request.headers.authorization);
      respond(request, response, body);
    };
});

/** @param members of the metadata */
function useClient(env: Record<string, string | undefined>, members: Record<string, string[]> = {}): void {
  useEnvironment({ AUTH_ISSUER: server.origin, AUTH_CLIENT_SECRET: undefined, ...env });
  const endpoints = { revocation_endpoint: '/revoke', pushed_authorization_request_endpoint: '/par' };
  offerMetadata(server, endpoints, members);
}

/** Each request of a session that authenticates the client. */
async function sendAll(): Promise<string[]> {
  await pushAuthorizationRequest(new URL(`${server.origin}/authorize?response_type=code`));
  await sendTokenRequest('authorization_code', { code: 'code-1' });
  await sendTokenRequest('refresh_token', { refresh_token: 'refresh-1' });
  await revokeRefreshToken('refresh-1');
  expect(forms).toHaveLength(4);
  return forms.map(({ client_assertion = '' }) => client_assertion);
}

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const keys = (...list: unknown[]) => ({ AUTH_CLIENT_KEYS: writeKeySet(...list) });

describe('an assertion', () => {
  it.each(['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'])(
    'CA-02: by a key for %s is new for each request, short, and for the issuer alone',
    async (alg) => {
      useClient(keys(createClientKey(alg)));
      const assertions = await sendAll();
      const published = createLocalJWKSet(publicClientKeys());
      const jtis = new Set<unknown>();
      for (const assertion of assertions) {
        const { payload, protectedHeader } = await jwtVerify(assertion, published);
        expect(protectedHeader).toEqual({ alg, kid: `key-${alg}` });
        expect(payload).toEqual({
          iss: 'client-1',
          sub: 'client-1',
          aud: server.origin,
          jti: expect.stringMatching(/^[\w-]{22}$/),
          iat: expect.any(Number),
          exp: Number(payload.iat) + 60,
        });
        expect(Math.abs(Date.now() / 1000 - Number(payload.iat))).toBeLessThan(3_600);
        jtis.add(payload.jti);
      }
      expect(jtis.size).toBe(4);
      for (const form of forms)
        expect(form).toMatchObject({ client_id: 'client-1', client_assertion_type: jwtBearer });
      expect(credentials).toEqual([undefined, undefined, undefined, undefined]);
    },
  );

  it.each<[string[] | undefined, string]>([
    [undefined, 'HS256'],
    [['HS512', 'HS256'], 'HS256'],
    [['RS256', 'HS512', 'HS384'], 'HS384'],
    [['HS512'], 'HS512'],
    [[], 'HS256'],
  ])('CA-02: with the client secret, for a server that lists %j, is signed with %s', async (listed, alg) => {
    const secret = { AUTH_CLIENT_SECRET: goodEnvironment.AUTH_CLIENT_SECRET };
    useClient(secret, {
      token_endpoint_auth_methods_supported: ['client_secret_jwt'],
      ...(listed === undefined ? {} : { token_endpoint_auth_signing_alg_values_supported: listed }),
    });
    const [assertion = ''] = await sendAll();
    const key = Buffer.from(goodEnvironment.AUTH_CLIENT_SECRET ?? '');
    const { payload } = await jwtVerify(assertion, key, { algorithms: [alg] });
    expect(payload).toMatchObject({ iss: 'client-1', sub: 'client-1', aud: server.origin });
    expect(JSON.stringify(forms)).not.toContain(goodEnvironment.AUTH_CLIENT_SECRET);
  });

  it.each([
    [['PS256', 'ES256'], 'PS256'],
    [['RS256', 'ES256'], 'RS256'],
    [['RS512'], 'RS512'],
    [['ES256'], 'PS256'],
  ])(
    'CA-02: by an RSA key without alg, for a server that lists %j, is signed with %s',
    async (listed, alg) => {
      const lists = { token_endpoint_auth_signing_alg_values_supported: listed };
      useClient(keys(createClientKey('RS256', { alg: undefined })), lists);
      const [assertion = ''] = await sendAll();
      expect(decodeProtectedHeader(assertion).alg).toBe(alg);
      expect((await jwtVerify(assertion, createLocalJWKSet(publicClientKeys()))).payload.iss).toBe(
        'client-1',
      );
    },
  );

  it('CA-02: by an Ed25519 key has the name of its algorithm that the server knows', async () => {
    useClient(keys(createClientKey('EdDSA')), {
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'Ed25519'],
    });
    const [assertion = ''] = await sendAll();
    expect(decodeProtectedHeader(assertion).alg).toBe('Ed25519');
  });

  it('CA-03: comes from the first of two keys, and both are published, without private members', async () => {
    useClient(keys(createClientKey('ES256', { kid: 'new' }), createClientKey('RS256', { kid: 'old' })));
    const assertions = await sendAll();
    expect(new Set(assertions.map((one) => decodeProtectedHeader(one).kid))).toEqual(new Set(['new']));
    const published = publicClientKeys().keys;
    expect(published.map(({ kid }) => kid)).toEqual(['new', 'old']);
    for (const key of published) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']));
  });

  it('CA-02: has the id of the client as issuer and subject, whatever characters it has', async () => {
    useClient({ ...keys(createClientKey()), AUTH_CLIENT_ID: 'https://app.example/ü&=' });
    const [assertion = ''] = await sendAll();
    const id = 'https://app.example/ü&=';
    expect(decodeJwt(assertion)).toMatchObject({ iss: id, sub: id });
    expect(forms[0]?.client_id).toBe(id);
  });
});

describe('a sign-in does not begin, and the log names token_endpoint_auth_signing_alg_values_supported', () => {
  const field = 'token_endpoint_auth_signing_alg_values_supported';
  const secret = { AUTH_CLIENT_SECRET: goodEnvironment.AUTH_CLIENT_SECRET };
  const jwt = { ...secret, AUTH_CLIENT_AUTH: 'client_secret_jwt' };
  it.each<[string, Record<string, string | undefined>, string[], string | null]>([
    ['a key of another kind', keys(createClientKey('ES256')), ['PS256', 'RS256'], 'AUTH_CLIENT_KEYS'],
    ['a key with another alg', keys(createClientKey('RS256')), ['PS256'], 'AUTH_CLIENT_KEYS'],
    ['an assertion by the secret', jwt, ['RS256', 'HS1'], 'AUTH_CLIENT_AUTH'],
    ['a secret that signs nothing', { ...secret, AUTH_CLIENT_AUTH: 'client_secret_post' }, ['RS256'], null],
    ['a key that fits', keys(createClientKey('PS256')), ['PS256'], null],
    ['a list without entries', keys(createClientKey('PS256')), [], null],
  ])('CA-02: for %s', async (_what, env, listed, variable) => {
    useClient(env, { [field]: listed });
    const problems = findUnmetRequirements(getConfig(), await getMetadata());
    expect(problems.map((one) => [one.variable, one.metadataField])).toEqual(
      variable === null ? [] : [[variable, field]],
    );
    if (variable !== null) expect(problems[0]?.words).toContain(listed.join(', '));
  });
});

describe('a client without credentials', () => {
  it('CA-01: sends its id alone, when that is asked for', async () => {
    useClient({ AUTH_CLIENT_AUTH: 'none' });
    expect(await sendAll()).toEqual(['', '', '', '']);
    for (const form of forms) {
      expect(form.client_id).toBe('client-1');
      expect(Object.keys(form).filter((name) => /secret|assertion/.test(name))).toEqual([]);
    }
    expect(credentials).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('with AUTH_CLIENT_AUTH=auto', () => {
  it.each([
    [undefined, 'header'],
    [['client_secret_basic', 'client_secret_post'], 'header'],
    [['client_secret_post'], 'body'],
  ])('CA-01: a secret goes where the metadata %j say: the %s', async (listed, place) => {
    const secret = goodEnvironment.AUTH_CLIENT_SECRET;
    useClient(
      { AUTH_CLIENT_SECRET: secret },
      listed === undefined ? {} : { token_endpoint_auth_methods_supported: listed },
    );
    await sendAll();
    const basic = `Basic ${Buffer.from(`client-1:${secret}`).toString('base64')}`;
    expect(new Set(credentials)).toEqual(new Set([place === 'header' ? basic : undefined]));
    expect(new Set(forms.map((form) => form.client_secret))).toEqual(
      new Set([place === 'body' ? secret : undefined]),
    );
  });
});
