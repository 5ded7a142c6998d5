/**
 * Revokes the grant of a session at the authorization server, once for each refresh token, however often the
 * cookie of that session shows up.
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { logFailure } from '../base/log';
import { type RevocationOutcome, revokeRefreshToken } from '../oauth/token-revocation';
import type { RejectedSession } from '../session/loaded-session';
import type { RevocationReason } from '../session/revocation-keys';
import type { SealedSession } from '../session/session';
import { currentStore } from '../store/current-store';

/** An expired or replaced session keeps its grant: the next sign-in in the same browser may share it. */
const reasons: ReadonlySet<RevocationReason> = new Set([
  'signed_out_everywhere',
  'back_channel_logout',
  'revoked_by_operator',
  'not_before',
]);
const onceMs = 24 * 3_600_000;
/** A server that could not be told is told again, but not by every request. */
const failedMs = 60_000;

/**
 * A session that was revoked from elsewhere shows up once more, with its refresh token: its grant is revoked
 * too, now that the token is known. Await it: the user may sign in again right after. Takes at most two
 * seconds; never throws.
 */
export async function revokeGrant(rejected: RejectedSession): Promise<void> {
  if (rejected.kind !== 'revoked' || !reasons.has(rejected.reason)) return;
  await revokeGrantOnce(rejected.session, 'leave');
}

/**
 * Never throws, and takes at most two seconds.
 * @param withoutStore what to do while it is unknown whether the grant was revoked before
 * @returns how it went the first time when this is not the first, `unsupported` when there is nothing to
 *   revoke
 */
export async function revokeGrantOnce(
  { tokens }: SealedSession,
  withoutStore: 'revoke' | 'leave',
): Promise<RevocationOutcome> {
  const refreshToken = tokens?.refreshToken ?? null;
  if (refreshToken === null) return 'unsupported';
  const key = `grant-revoked:${createHash('sha256').update(refreshToken).digest('base64url')}`;
  try {
    if (!(await currentStore().claim(key, 'revoked', onceMs)))
      return (await currentStore().get(key)) === 'failed' ? 'failed' : 'revoked';
  } catch (error) {
    if (withoutStore === 'leave') {
      logFailure('grant_not_revoked', error);
      return 'failed';
    }
  }
  const outcome = await revokeRefreshToken(refreshToken);
  if (outcome === 'failed')
    await currentStore()
      .set(key, 'failed', failedMs)
      .catch(() => {});
  return outcome;
}
