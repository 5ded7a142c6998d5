import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '@/lib/testing/environment';
import { appErrorOf } from '@/lib/testing/expect-app-error';
import { startTokenEndpoint } from '@/lib/testing/token-endpoint';
import { judgeExchange, sendForNextAuth } from './authorization-server-answers';

beforeEach(() => useEnvironment());

describe('the answer to the code exchange', () => {
  it.each([[undefined], [null], ['']])(
    'TK-12: with the ID token %j nobody is signed in',
    async (id_token) => {
      const response = Response.json({ access_token: 'a', token_type: 'Bearer', id_token });
      const error = await appErrorOf(() => judgeExchange(response, 'nonce-1', 0));
      expect([error.code, error.reason]).toEqual(['answer_not_believed', 'id_token_missing']);
    },
  );

  it('TK-03: invalid_grant starts over', async () => {
    const response = Response.json({ error: 'invalid_grant' }, { status: 400 });
    expect((await appErrorOf(() => judgeExchange(response, 'nonce-1', 0))).code).toBe('sign_in_expired');
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
