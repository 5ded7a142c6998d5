/** Which attempts were used, and where they ended: a code is exchanged once, and Back or reload on the callback leads on to the page. */
import 'server-only';
import { isRecord } from '@/lib/base/guards';
import type { Attempt } from '@/lib/session/attempt';
import { cookieLifetimes } from '@/lib/session/cookies';
import { seal, unseal } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { currentStore } from '@/lib/store/current-store';

const lifetimeSec = cookieLifetimes.attemptCookieSec;

/** @returns false when the attempt was claimed before, here or by any instance that shares the store */
export async function claimAttempt(attemptId: string): Promise<boolean> {
  return currentStore().claim(`attempt:${attemptId}`, 'used', lifetimeSec * 1000);
}

export async function rememberFinished(attempt: Attempt, session: Session): Promise<void> {
  const sealed = await seal('answer', { sessionId: session.id, returnTo: attempt.returnTo }, lifetimeSec);
  await currentStore().set(`finished:${attempt.id}`, sealed, lifetimeSec * 1000);
}

/** Where the attempt led, if it led to this very session; else null. */
export async function finishedReturnTo(attemptId: string, session: Session): Promise<string | null> {
  const sealed = await currentStore().get(`finished:${attemptId}`);
  const data = sealed === null ? null : await unseal('answer', sealed, lifetimeSec);
  if (!isRecord(data) || data.sessionId !== session.id || typeof data.returnTo !== 'string') return null;
  return data.returnTo;
}
