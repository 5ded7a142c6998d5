import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Attempt, writeAttempt } from '@/lib/session/attempt';
import type { Session } from '@/lib/session/session';
import { buildAttempt } from '@/lib/testing/attempts';
import { createTestJar } from '@/lib/testing/cookie-jar';
import { useEnvironment } from '@/lib/testing/environment';
import { buildSession } from '@/lib/testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '@/lib/testing/token-endpoint';
import { finishSignIn } from './finish-sign-in';
import { claimAttempt, rememberFinished } from './finished-attempts';

const exchangeCode = vi.hoisted(() => vi.fn());
// next-auth loads in the application's bundle only, and here nothing may be exchanged.
vi.mock('./next-auth', () => ({ exchangeCode }));

let server: TokenEndpoint;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  server.restart();
  useEnvironment({ AUTH_ISSUER: server.origin });
});

/** The answer to an attempt of this browser whose code was exchanged before. */
async function answerAgain(finished: Session | null, current: Session | null) {
  const jar = createTestJar();
  const attempt: Attempt = buildAttempt({
    issuer: server.origin,
    startedAtSec: Math.floor(Date.now() / 1000),
  });
  await writeAttempt(jar, attempt);
  await claimAttempt(attempt.id);
  if (finished !== null) await rememberFinished(attempt, finished);
  const query = new URLSearchParams({ code: 'code-1', state: attempt.id }).toString();
  return { attempt, outcome: await finishSignIn(jar, query, current) };
}

describe('an answer that was used before', () => {
  it('CB-06, CB-27: is refused with its attempt, so that its cookie goes and the wanted page is kept', async () => {
    const { attempt, outcome } = await answerAgain(null, null);
    expect(outcome).toMatchObject({
      kind: 'problem',
      error: { code: 'sign_in_expired', reason: 'attempt_used' },
      attempt,
    });
    expect(exchangeCode).not.toHaveBeenCalled();
  });

  it('CB-05: leads on in the browser that it signed in', async () => {
    const session = buildSession();
    const { attempt, outcome } = await answerAgain(session, session);
    expect(outcome).toEqual({ kind: 'already_finished', returnTo: attempt.returnTo });
  });

  it('CB-06: is refused in a browser that has another session by now', async () => {
    const { outcome } = await answerAgain(buildSession(), buildSession({ id: 'another-session-0123456' }));
    expect(outcome).toMatchObject({ kind: 'problem', error: { reason: 'attempt_used' } });
  });
});
