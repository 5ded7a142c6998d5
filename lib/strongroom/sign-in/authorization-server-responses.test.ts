import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { startTokenEndpoint } from '../testing/token-endpoint';
import { sendForNextAuth, validateExchange } from './authorization-server-responses';

beforeEach(() => useEnvironment());

describe('the answer to the code exchange', () => {
  it.each([[undefined], [null], ['']])(
    'TK-12: with the ID token %j nobody is signed in',
    async (id_token) => {
      const response = Response.json({ access_token: 'a', token_type: 'Bearer', id_token });
      const error = await appErrorOf(() => validateExchange(response, 'nonce-1', 0));
      expect([error.code, error.reason]).toEqual(['invalid_response', 'id_token_missing']);
    },
  );

  it('TK-03: invalid_grant starts over', async () => {
    const response = Response.json({ error: 'invalid_grant' }, { status: 400 });
    expect((await appErrorOf(() => validateExchange(response, 'nonce-1', 0))).code).toBe(
      'transaction_expired',
    );
  });
});

describe('the metadata that next-auth is given', () => {
  it.each([
    ['any', ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']],
    ['ES256', ['ES256']],
  ])(
    'ID-02: with AUTH_SIGNING_ALG=%s lists our algorithms, and none of the server',
    async (name, expected) => {
      const server = await startTokenEndpoint();
      server.restart();
      useEnvironment({ AUTH_ISSUER: server.origin, AUTH_SIGNING_ALG: name });
      const response = await sendForNextAuth(`${server.origin}/.well-known/openid-configuration`);
      await server.close();
      expect(await response.json()).toMatchObject({ id_token_signing_alg_values_supported: expected });
    },
  );
});
