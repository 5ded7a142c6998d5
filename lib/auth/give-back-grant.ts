/** A session that was ended from elsewhere shows itself once more: its grant at the authorization server ends too, now that we see it. */
import 'server-only';
import { logFailure } from '@/lib/base/log';
import { revokeRefreshToken } from '@/lib/oauth/revocation';
import type { OverReason, SessionLookup } from '@/lib/session/look-up-session';
import { currentStore } from '@/lib/store/current-store';

/**
 * Not those that ended by themselves or were replaced: their grant may be the one that the next sign-in in the same browser goes on with.
 */
const reasons: readonly OverReason[] = ['person_ended', 'back_channel', 'not_before'];
const onceMs = 24 * 3_600_000;

/** Once for each session, and awaited: the person may sign in again right after. Takes at most two seconds; never throws. */
export async function giveBackGrant({
  reason,
  session,
}: Extract<SessionLookup, { kind: 'over' }>): Promise<void> {
  const refreshToken = session?.tokens.refreshToken ?? null;
  if (session === null || refreshToken === null || !reasons.includes(reason)) return;
  try {
    const isFirst = await currentStore().claim(`returned:${session.id}`, 'yes', onceMs);
    if (isFirst) await revokeRefreshToken(refreshToken);
  } catch (error) {
    logFailure('grant_not_given_back', error);
  }
}
