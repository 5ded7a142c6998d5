/**
 * A session that was revoked from elsewhere shows up once more, with its refresh token: its grant at the
 * authorization server is revoked too, now that the token is known.
 */
import 'server-only';
import { logFailure } from '../base/log';
import { revokeRefreshToken } from '../oauth/token-revocation';
import type { RejectedSession } from '../session/loaded-session';
import type { RevocationReason } from '../session/revocation-keys';
import { currentStore } from '../store/current-store';

/** An expired or replaced session keeps its grant: the next sign-in in the same browser may share it. */
const reasons: ReadonlySet<RevocationReason> = new Set([
  'signed_out_everywhere',
  'back_channel_logout',
  'revoked_by_operator',
  'not_before',
]);
const onceMs = 24 * 3_600_000;

/**
 * Once for each session. Await it: the user may sign in again right after. Takes at most two seconds; never
 * throws.
 */
export async function revokeGrant(rejected: RejectedSession): Promise<void> {
  if (rejected.kind !== 'revoked' || !reasons.has(rejected.reason)) return;
  const { id, tokens } = rejected.session;
  const refreshToken = tokens?.refreshToken ?? null;
  if (refreshToken === null) return;
  try {
    const isFirst = await currentStore().claim(`returned:${id}`, 'yes', onceMs);
    if (isFirst) await revokeRefreshToken(refreshToken);
  } catch (error) {
    logFailure('grant_not_revoked', error);
  }
}
