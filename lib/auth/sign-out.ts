/** Ends the session: here at once, then at the authorization server as far as it can be reached. @see RFC 7009, OIDC RP-Initiated Logout 1.0 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { waitAtMost } from '@/lib/base/deadline';
import { logEvent } from '@/lib/base/log';
import { getConfig } from '@/lib/config/config';
import { buildEndSessionUrl } from '@/lib/oauth/end-session';
import { getMetadata, type ServerMetadata } from '@/lib/oauth/metadata';
import { revokeRefreshToken } from '@/lib/oauth/revocation';
import { removeAllAttempts } from '@/lib/session/attempt';
import { removeDraft } from '@/lib/session/draft';
import { revokeSession } from '@/lib/session/revocations';
import type { CookieJar } from '@/lib/session/seal';
import { readSession, removeSession } from '@/lib/session/session-cookie';
import { markOf } from './who';

export const signedOutPath = '/signed-out';

export type SignOutOutcome =
  /** Go on to the authorization server, which sends the browser back to `/signed-out`. */
  | { kind: 'continue_there'; url: URL }
  /** Nothing more to do: the server offers no logout, or nobody was signed in. */
  | { kind: 'done' }
  /** Signed out here; the authorization server could not be told. */
  | { kind: 'not_told' };

/** Never throws, and waits at most two seconds for each answer. */
export async function signOut(jar: CookieJar): Promise<SignOutOutcome> {
  const session = await readSession(jar);
  await removeSession(jar);
  removeAllAttempts(jar);
  await removeDraft(jar);
  if (session === null) return { kind: 'done' };
  await revokeSession(session);
  const { refreshToken, idToken } = session.tokens;
  const revocation = refreshToken === null ? 'unsupported' : await revokeRefreshToken(refreshToken);
  logEvent('signed_out', { who: markOf(session.user), revocation });
  const server = await waitAtMost<ServerMetadata | null>(
    2_000,
    getMetadata().catch(() => null),
    null,
  );
  if (revocation === 'failed' || server === null) return { kind: 'not_told' };
  const { appOrigin, clientId } = getConfig();
  const returnUrl = new URL(signedOutPath, appOrigin).href;
  const url = buildEndSessionUrl(server, {
    clientId,
    idToken,
    returnUrl,
    state: randomBytes(16).toString('base64url'),
  });
  return url === null ? { kind: 'done' } : { kind: 'continue_there', url };
}
