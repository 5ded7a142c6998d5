import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadSession } from '../session/load-session';
import type { Session } from '../session/session';
import { type SignInTransaction, writeTransaction } from '../session/sign-in-transaction';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { createTestKey, signIdToken, type TestKey } from '../testing/id-tokens';
import { buildSession, noonSec } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { buildTransaction } from '../testing/transactions';
import { type CallbackResult, handleCallback } from './callback';

let server: TokenEndpoint;
let key: TestKey;
let jar: TestJar;
let transaction: SignInTransaction;
beforeAll(async () => {
  server = await startTokenEndpoint();
  key = await createTestKey();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.restart([key.jwk]);
  useEnvironment({ AUTH_ISSUER: server.origin });
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
  transaction = buildTransaction({ issuer: server.origin });
  await writeTransaction(jar, transaction);
});
afterEach(() => void vi.useRealTimers());

/** The token endpoint responds with an ID token for this transaction, changed as given. */
async function offerTokens(claims: Record<string, unknown> = {}): Promise<void> {
  const own = { iss: server.origin, nonce: transaction.nonce, ...claims };
  const id_token = await signIdToken({ key, claims: own });
  server.onTokenRequest = ({ respond }) =>
    respond({ access_token: 'access-1', token_type: 'Bearer', id_token });
}

async function deliver(current: Session | null = null): Promise<CallbackResult> {
  const query = new URLSearchParams({ code: 'code-1', state: transaction.id }).toString();
  return handleCallback(jar, { query, browser: null }, current);
}

async function signIn(): Promise<Session> {
  await offerTokens();
  const result = await deliver();
  if (result.kind !== 'signed_in') throw new Error('was not signed in', { cause: result });
  return result.session;
}

describe('a callback', () => {
  it('CB-01, ID-12: exchanges the code once, and the session is in the browser', async () => {
    await offerTokens({ iat: noonSec + 59 });
    expect(await deliver()).toMatchObject({ kind: 'signed_in', transaction: { id: transaction.id } });
    expect(await loadSession(jar)).toMatchObject({ session: { user: { subject: 'user-1' } } });
    expect(server.tokenRequests.map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'authorization_code',
        code: 'code-1',
        code_verifier: transaction.codeVerifier,
        redirect_uri: 'https://app.example/auth/callback/provider',
      },
    ]);
  });

  it('ID-12: a clock of the server that is 59 seconds behind signs in too', async () => {
    await offerTokens({ iat: noonSec - 359, exp: noonSec - 59 });
    expect((await deliver()).kind).toBe('signed_in');
  });

  it('CB-05: delivered twice at a time is one exchange and one session', async () => {
    await offerTokens();
    const results = await Promise.all([deliver(), deliver()]);
    expect(results.map(({ kind }) => kind)).toEqual(['signed_in', 'signed_in']);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it.each([[undefined], [null], ['']])(
    'TK-12: with the ID token %j in the token response, the user is not signed in',
    async (id_token) => {
      server.onTokenRequest = ({ respond }) => respond({ access_token: 'a', token_type: 'Bearer', id_token });
      expect(await deliver()).toMatchObject({ error: { reason: 'id_token_missing' }, transaction });
      expect(await loadSession(jar)).not.toHaveProperty('session');
    },
  );

  it('ID-09: with the nonce of another request is rejected', async () => {
    await offerTokens({ nonce: 'n'.repeat(42) });
    expect(await deliver()).toMatchObject({ error: { code: 'invalid_response', reason: 'id_token_nonce' } });
  });

  it('TK-03: whose code is rejected with invalid_grant fails, and the sign-in starts over', async () => {
    server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_grant' }, 400);
    expect(await deliver()).toMatchObject({ error: { code: 'invalid_grant', reason: 'invalid_grant' } });
  });
});

describe('a callback that was used before', () => {
  it('CB-06, CB-27: is a problem with its transaction, so that its cookie is removed and the wanted page is kept', async () => {
    const saved = [...jar.cookies];
    await signIn();
    jar = createTestJar(saved);
    expect(await deliver()).toMatchObject({
      kind: 'problem',
      error: { code: 'transaction_consumed' },
      transaction: { id: transaction.id, returnTo: transaction.returnTo },
    });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('CB-05: leads on in the browser that it signed in, also without its cookie', async () => {
    const session = await signIn();
    expect(await deliver(session)).toEqual({ kind: 'already_consumed', returnTo: transaction.returnTo });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('CB-06: is rejected in a browser that has another session by now', async () => {
    const saved = [...jar.cookies];
    await signIn();
    jar = createTestJar(saved);
    const other = buildSession({ id: 'another-session-0123456' });
    expect(await deliver(other)).toMatchObject({ error: { code: 'transaction_consumed' } });
  });
});
