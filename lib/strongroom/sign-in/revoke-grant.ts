/** A session that was ended from elsewhere shows itself once more: its grant at the authorization server ends too, now that we see it. */
import 'server-only';
import { logFailure } from '../base/log';
import { revokeRefreshToken } from '../oauth/token-revocation';
import type { LoadedSession, RejectionReason } from '../session/load-session';
import { currentStore } from '../store/current-store';

/**
 * Not those that ended by themselves or were replaced: their grant may be the one that the next sign-in in the same browser goes on with.
 */
const reasons: readonly RejectionReason[] = ['signed_out_everywhere', 'back_channel_logout', 'not_before'];
const onceMs = 24 * 3_600_000;

/** Once for each session, and awaited: the person may sign in again right after. Takes at most two seconds; never throws. */
export async function revokeGrant({
  reason,
  session,
}: Extract<LoadedSession, { kind: 'over' }>): Promise<void> {
  const refreshToken = session?.tokens.refreshToken ?? null;
  if (session === null || refreshToken === null || !reasons.includes(reason)) return;
  try {
    const isFirst = await currentStore().claim(`returned:${session.id}`, 'yes', onceMs);
    if (isFirst) await revokeRefreshToken(refreshToken);
  } catch (error) {
    logFailure('grant_not_revoked', error);
  }
}
