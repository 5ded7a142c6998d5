/** A refresh of a session of its own, with an ID token or without. Test support only. */
import { refreshTokens } from '../oauth/refresh/refresh-coordinator';
import type { Session } from '../session/session';
import { signIdToken, type TestKey } from './id-tokens';
import { buildSession, buildTokens, noonSec } from './sessions';
import type { TokenEndpoint } from './token-endpoint';

let count = 0;

/** Each has another refresh token. Its user is an admin of Sales. */
export function buildDueSession(server: TokenEndpoint, changes: Partial<Session> = {}): Session {
  count += 1;
  const tokens = buildTokens({ refreshToken: `refresh-of-${count}`, expiresAtSec: noonSec });
  const { user, ...session } = buildSession({ id: `session-0123456789-${count}`, tokens, ...changes });
  return {
    ...session,
    user: { ...user, issuer: server.origin },
    roles: ['admin'],
    claims: { department: 'Sales' },
  };
}

/** @param idToken what is changed in it; null: there is none */
export async function refreshWithIdToken(
  { server, key }: { server: TokenEndpoint; key: TestKey },
  session: Session,
  idToken: Record<string, unknown> | null,
) {
  const claims = { iss: server.origin, nonce: undefined, ...idToken };
  const id_token = idToken === null ? undefined : await signIdToken({ key, claims });
  server.onTokenRequest = ({ form, respond }) =>
    respond({
      access_token: 'access-2',
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: `${form.get('refresh_token')}+`,
      ...(id_token === undefined ? {} : { id_token }),
    });
  return refreshTokens(session);
}
