/** Signed authorization requests, in the address and pushed. AZ-19 */
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nowSec } from '../base/clock';
import * as log from '../base/log';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { publicClientKeys } from './client-keys';
import { getMetadata } from './metadata';
import { pushWhereOffered } from './pushed-authorization';
import { signWhereNeeded } from './request-object';
import { rejectUnmetRequirements } from './server-requirements';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  vi.restoreAllMocks();
});

const keys = (alg = 'ES256') => ({ AUTH_CLIENT_KEYS: writeKeySet(createClientKey(alg)) });

/** A new process with these settings and a server with these metadata. */
function useWorld(env: Record<string, string>, metadata: Record<string, unknown> = {}): void {
  const { origin } = server;
  useEnvironment({ AUTH_ISSUER: origin, ...env });
  server.handlers['/.well-known/openid-configuration'] = json({
    issuer: origin,
    authorization_endpoint: `${origin}/authorize?tenant=1`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/keys`,
    ...metadata,
  });
}

const parameters = {
  response_type: 'code',
  client_id: 'client-1',
  scope: 'openid',
  state: 'state-1',
  max_age: '300',
  resource: 'https://api.example',
};

async function start(): Promise<URLSearchParams> {
  const metadata = await getMetadata();
  rejectUnmetRequirements(metadata);
  const url = new URL(metadata.authorization_endpoint);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return (await pushWhereOffered(await signWhereNeeded(url, metadata), metadata)).searchParams;
}

const verify = (object: string) =>
  jwtVerify(object, createLocalJWKSet(publicClientKeys()), { audience: server.origin, issuer: 'client-1' });

describe('a signed request', () => {
  it.each(['ES256', 'PS256', 'EdDSA'])(
    'AZ-19: has everything in one object that is signed with %s, for this server and for a minute',
    async (alg) => {
      useWorld({ ...keys(alg), AUTH_REQUEST_OBJECT: 'always' });
      const sent = await start();
      expect([...sent.keys()]).toEqual(['tenant', 'client_id', 'request']);
      const { payload, protectedHeader } = await verify(sent.get('request') ?? '');
      expect(protectedHeader).toMatchObject({ typ: 'oauth-authz-req+jwt', kid: `key-${alg}` });
      expect(payload).toMatchObject({ ...parameters, max_age: 300, aud: server.origin });
      expect(payload).not.toHaveProperty('tenant');
      expect((payload.exp ?? 0) - nowSec()).toBeLessThanOrEqual(60);
      expect(payload.sub).toBeUndefined();
      const again = await verify((await start()).get('request') ?? '');
      expect(again.payload.jti).not.toBe(payload.jti);
    },
  );

  it('AZ-19: is sent to a server that requires it, and pushed alone where requests are pushed', async () => {
    let body = new URLSearchParams();
    server.handlers['/par'] = (request, response, text) => {
      body = new URLSearchParams(text);
      json({ request_uri: 'urn:example:1' }, 201)(request, response, text);
    };
    const pushed_authorization_request_endpoint = `${server.origin}/par`;
    useWorld(keys(), { require_signed_request_object: true, pushed_authorization_request_endpoint });
    expect([...(await start()).keys()]).toEqual(['tenant', 'client_id', 'request_uri']);
    expect([...body.keys()].toSorted()).toEqual(
      ['client_assertion', 'client_assertion_type', 'client_id', 'request'].toSorted(),
    );
    expect(decodeProtectedHeader(body.get('request') ?? '').typ).toBe('oauth-authz-req+jwt');
  });

  it.each([
    [{ request_object_signing_alg_values_supported: ['none', 'RS512', 'RS256'] }, 'RS256'],
    [
      {
        request_object_signing_alg_values_supported: ['PS384'],
        token_endpoint_auth_signing_alg_values_supported: ['RS256'],
      },
      'PS384',
    ],
    [{ token_endpoint_auth_signing_alg_values_supported: ['RS256'] }, 'RS256'],
    [{}, 'PS256'],
  ])('AZ-19: is signed by an RSA key for a server that says %j with %s', async (members, alg) => {
    useWorld(
      { AUTH_CLIENT_KEYS: writeKeySet(createClientKey('RS256', { alg: undefined })) },
      { require_signed_request_object: true, ...members },
    );
    const request = (await start()).get('request') ?? '';
    expect((await verify(request)).protectedHeader).toMatchObject({ alg, typ: 'oauth-authz-req+jwt' });
  });

  it('AZ-19, CA-03: is signed by the second of two keys where the server takes no algorithm of the first', async () => {
    useWorld(
      { AUTH_CLIENT_KEYS: writeKeySet(createClientKey('ES256'), createClientKey('EdDSA')) },
      {
        require_signed_request_object: true,
        request_object_signing_alg_values_supported: ['PS256', 'Ed25519'],
        token_endpoint_auth_signing_alg_values_supported: ['ES256'],
      },
    );
    const request = (await start()).get('request') ?? '';
    expect(decodeProtectedHeader(request)).toMatchObject({ alg: 'Ed25519', kid: 'key-EdDSA' });
  });

  it('AZ-19: is not sent to a server that does not require it, or where it is turned off', async () => {
    useWorld(keys());
    expect((await start()).get('request')).toBeNull();
    useWorld({ ...keys(), AUTH_REQUEST_OBJECT: 'never' });
    expect((await start()).get('state')).toBe('state-1');
  });
});

describe('a server that requires what is not done', () => {
  it.each<[string, string, Record<string, string>, Record<string, unknown>]>([
    ['AUTH_CLIENT_KEYS', 'require_signed_request_object', {}, { require_signed_request_object: true }],
    [
      'AUTH_REQUEST_OBJECT',
      'require_signed_request_object',
      { AUTH_REQUEST_OBJECT: 'never', ...keys() },
      { require_signed_request_object: true },
    ],
    [
      'AUTH_CLIENT_KEYS',
      'request_object_signing_alg_values_supported',
      { AUTH_REQUEST_OBJECT: 'always', ...keys() },
      { request_object_signing_alg_values_supported: ['none', 'PS256'] },
    ],
    ['AUTH_ISSUER', 'response_modes_supported', {}, { response_modes_supported: ['query.jwt', 'jwt'] }],
  ])('AZ-19, CB-21: the log names %s and %s', async (variable, metadataField, env, metadata) => {
    useWorld(env, metadata);
    const failures = vi.spyOn(log, 'logFailure');
    const { code, reason } = await appErrorOf(start);
    expect([code, reason]).toEqual(['configuration_invalid', 'server_requirement_unmet']);
    const said = { variable, metadataField, requirement: expect.any(String), mend: expect.any(String) };
    expect(failures.mock.calls).toEqual([['server_requirement_unmet', expect.anything(), said]]);
  });

  it('AZ-19: an algorithm of request objects is nothing to a client that sends none', async () => {
    useWorld(keys(), { request_object_signing_alg_values_supported: ['PS256'] });
    expect((await start()).get('state')).toBe('state-1');
  });

  it('CB-21: one that offers JWTs beside plain responses is used', async () => {
    useWorld({}, { response_modes_supported: ['query.jwt', 'query'] });
    expect((await start()).get('state')).toBe('state-1');
  });
});
