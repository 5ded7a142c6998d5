/** What the metadata come to: under FAPI 2.0 what is missing, and in general which protections are on. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { health } from '../sign-in/health-endpoints';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { createTestKey, signIdToken } from '../testing/id-tokens';
import { verifyIdToken } from './id-token';
import { getMetadata } from './metadata';
import { describeProtections, readProtections } from './protections';
import { rejectUnmetRequirements } from './server-requirements';
import { expectedSigner } from './signing-keys';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  vi.restoreAllMocks();
});

const complete = () => ({
  issuer: server.origin,
  authorization_endpoint: `${server.origin}/authorize`,
  token_endpoint: `${server.origin}/token`,
  jwks_uri: `${server.origin}/keys`,
  pushed_authorization_request_endpoint: `${server.origin}/par`,
  authorization_response_iss_parameter_supported: true,
  code_challenge_methods_supported: ['S256'],
  dpop_signing_alg_values_supported: ['ES256', 'PS256'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  id_token_signing_alg_values_supported: ['PS256'],
});

/** A new process with this profile and a server with these metadata. */
function useWorld(SECURITY_PROFILE: string, changes: Record<string, unknown> = {}): void {
  const AUTH_CLIENT_KEYS = writeKeySet(createClientKey());
  const { origin } = server;
  useEnvironment({ AUTH_ISSUER: origin, API_BASE_URL: origin, AUTH_CLIENT_KEYS, SECURITY_PROFILE });
  server.handlers['/.well-known/openid-configuration'] = json({ ...complete(), ...changes });
}

describe('a server under SECURITY_PROFILE=fapi2', () => {
  it('that offers everything may be used, and readiness says which protections there are', async () => {
    useWorld('fapi2');
    rejectUnmetRequirements(await getMetadata());
    const protections = 'FAPI 2.0, private_key_jwt, PKCE (S256), pushed requests, iss in the response, DPoP';
    const response = await health.ready();
    expect(await response.json()).toMatchObject({ authorizationServer: 'ok', protections });
  });

  it.each<[string, unknown]>([
    ['pushed_authorization_request_endpoint', undefined],
    ['authorization_response_iss_parameter_supported', false],
    ['code_challenge_methods_supported', ['plain']],
    ['code_challenge_methods_supported', undefined],
    ['dpop_signing_alg_values_supported', undefined],
    ['dpop_signing_alg_values_supported', ['RS256']],
    ['token_endpoint_auth_methods_supported', ['client_secret_basic', 'tls_client_auth']],
    ['id_token_signing_alg_values_supported', ['RS256', 'ES384']],
  ])('whose %s is %j is not asked to sign a user in, and is not ready', async (metadataField, value) => {
    useWorld('fapi2', { [metadataField]: value });
    const failures = vi.spyOn(log, 'logFailure');
    const metadata = await getMetadata();
    const { code, reason } = await appErrorOf(() => rejectUnmetRequirements(metadata));
    expect([code, reason]).toEqual(['configuration_invalid', 'server_requirement_unmet']);
    const said = expect.objectContaining({ variable: 'SECURITY_PROFILE', metadataField });
    expect(failures.mock.calls).toEqual([['server_requirement_unmet', expect.anything(), said]]);
    const response = await health.ready();
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ authorizationServer: 'requires_more' });
  });

  it('is named with all that it lacks at once, and is used under another profile', async () => {
    const lacking = { dpop_signing_alg_values_supported: [], code_challenge_methods_supported: [] };
    useWorld('fapi2', lacking);
    const failures = vi.spyOn(log, 'logFailure');
    const metadata = await getMetadata();
    await appErrorOf(() => rejectUnmetRequirements(metadata));
    expect(failures.mock.calls.map(([, , fields]) => fields?.metadataField)).toEqual([
      'code_challenge_methods_supported',
      'dpop_signing_alg_values_supported',
    ]);
    useWorld('auto', lacking);
    rejectUnmetRequirements(await getMetadata());
  });

  it.each([
    ['RS256', 'fapi2', 'id_token_alg'],
    ['ES384', 'fapi2', 'id_token_alg'],
    ['ES256', 'fapi2', null],
    ['EdDSA', 'fapi2', null],
    ['RS256', 'auto', null],
  ])('ID-02: an ID token that is signed with %s under %s: %s', async (alg, profile, reason) => {
    useWorld(profile);
    const key = await createTestKey(alg);
    server.handlers['/keys'] = json({ keys: [key.jwk] });
    const idToken = await signIdToken({
      key,
      claims: { iss: server.origin },
      atSec: Math.floor(Date.now() / 1000),
    });
    const signer = await expectedSigner({ isPatient: false });
    const verified = verifyIdToken(idToken, { ...signer, accessToken: 'a', nonce: 'nonce-1' });
    if (reason === null) await verified;
    else expect((await appErrorOf(() => verified)).reason).toBe(reason);
  });
});

describe('the protections of a sign-in', () => {
  it.each([
    ['oidc', {}, 'private_key_jwt, PKCE (S256), iss in the response, bearer tokens'],
    ['auto', {}, 'private_key_jwt, PKCE (S256), pushed requests, iss in the response, bearer tokens'],
    [
      'auto',
      { pushed_authorization_request_endpoint: undefined, require_signed_request_object: true },
      'private_key_jwt, PKCE (S256), signed requests, iss in the response, bearer tokens',
    ],
  ])('under %s with %j are %s', async (profile, changes, line) => {
    useWorld(profile, changes);
    const protections = await readProtections();
    expect(protections === null ? null : describeProtections(protections)).toBe(line);
  });

  it('are unknown while the server is away', async () => {
    useWorld('auto');
    server.handlers['/.well-known/openid-configuration'] = (request) => request.socket.destroy();
    expect(await readProtections()).toBeNull();
  });
});
