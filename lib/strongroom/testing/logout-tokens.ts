/**
 * Logout tokens for tests: each can be wrong in any way. Test support only.
 * @see OIDC Back-Channel Logout §2.4
 */
import { SignJWT } from 'jose';
import type { IdTokenParts } from './id-tokens';
import { noonSec } from './sessions';

export const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/** A good logout token but for the changes; a claim set to undefined is left out. */
export function signLogoutToken({ key, claims, header, atSec = noonSec }: IdTokenParts): Promise<string> {
  const good = {
    iss: 'https://issuer.example',
    aud: 'client-1',
    sub: 'user-1',
    sid: 'sid-1',
    jti: 'jti-1',
    iat: atSec,
    exp: atSec + 120,
    events: { [logoutEvent]: {} },
  };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'logout+jwt', ...header })
    .sign(key.privateKey);
}
