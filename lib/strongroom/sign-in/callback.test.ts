import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../session/session';
import { type SignInTransaction, writeTransaction } from '../session/sign-in-transaction';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { buildTransaction } from '../testing/transactions';
import { handleCallback } from './callback';
import { consumeTransaction, rememberConsumed } from './consumed-transactions';

const exchangeCode = vi.hoisted(() => vi.fn());
// next-auth loads in the application's bundle only, and here nothing may be exchanged.
vi.mock('../oauth/next-auth', () => ({ exchangeCode }));

let server: TokenEndpoint;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  server.restart();
  useEnvironment({ AUTH_ISSUER: server.origin });
});

/** The answer to an transaction of this browser whose code was exchanged before. */
async function answerAgain(finished: Session | null, current: Session | null) {
  const jar = createTestJar();
  const transaction: SignInTransaction = buildTransaction({
    issuer: server.origin,
    startedAtSec: Math.floor(Date.now() / 1000),
  });
  await writeTransaction(jar, transaction);
  await consumeTransaction(transaction.id);
  if (finished !== null) await rememberConsumed(transaction, finished);
  const query = new URLSearchParams({ code: 'code-1', state: transaction.id }).toString();
  return { transaction, outcome: await handleCallback(jar, query, current) };
}

describe('an answer that was used before', () => {
  it('CB-06, CB-27: is rejected with its transaction, so that its cookie goes and the wanted page is kept', async () => {
    const { transaction, outcome } = await answerAgain(null, null);
    expect(outcome).toMatchObject({
      kind: 'problem',
      error: { code: 'transaction_expired', reason: 'transaction_used' },
      transaction,
    });
    expect(exchangeCode).not.toHaveBeenCalled();
  });

  it('CB-05: leads on in the browser that it signed in', async () => {
    const session = buildSession();
    const { transaction, outcome } = await answerAgain(session, session);
    expect(outcome).toEqual({ kind: 'already_consumed', returnTo: transaction.returnTo });
  });

  it('CB-06: is rejected in a browser that has another session by now', async () => {
    const { outcome } = await answerAgain(buildSession(), buildSession({ id: 'another-session-0123456' }));
    expect(outcome).toMatchObject({ kind: 'problem', error: { reason: 'transaction_used' } });
  });
});
