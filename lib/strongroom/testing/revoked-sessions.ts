/** Sessions that are revoked: two of Ada and one of Grace. Test support only. */
import { findRevocation, isRevoked } from '../session/revocations';
import type { Session } from '../session/session';
import { buildSession, noonSec } from './sessions';

export const issuer = 'https://issuer.example';
export const noonMs = noonSec * 1000;
export const ada = buildSession({ endsAtSec: noonSec + 24 * 3600, providerSessionId: 'sid-1' });
export const elsewhere = buildSession({ ...ada, id: 'session-elsewhere-0123', providerSessionId: 'sid-2' });
export const grace = buildSession({
  ...ada,
  id: 'session-of-grace-01234',
  user: { ...ada.user, subject: 'user-2' },
});

/** Why the session is revoked now, or null. */
export async function reasonOf(session: Session): Promise<string | null> {
  const revocation = await findRevocation(session);
  return revocation !== null && isRevoked(revocation) ? revocation.reason : null;
}
