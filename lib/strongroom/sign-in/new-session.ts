/** Makes the session of a finished sign-in: always a new one, with a new id. @see ASVS 7.2.4 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { nowMs, nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { readGrantedScopes } from '../oauth/granted-scopes';
import { type IdTokenClaims, readAuthTime } from '../oauth/id-token';
import { keepClaims } from '../oauth/kept-claims';
import { readUser } from '../oauth/profile';
import { endOfRefreshToken } from '../oauth/token-response';
import type { Session } from '../session/session';
import type { VerifiedTokenResult } from './authorization-server-responses';

/** @param requested the scopes that the request asked for */
export async function createSession(
  { answer, claims, askedAtSec }: VerifiedTokenResult,
  requested: readonly string[],
): Promise<Session> {
  const atSec = nowSec();
  const scopes = readGrantedScopes(answer, requested);
  return {
    id: randomBytes(18).toString('base64url'),
    user: await readUser(claims, answer.accessToken, scopes),
    tokens: {
      accessToken: answer.accessToken,
      expiresAtSec: askedAtSec + answer.lifetimeSec,
      obtainedAtSec: askedAtSec,
      refreshToken: answer.refreshToken,
      refreshEndsAtSec: endOfRefreshToken(answer, askedAtSec),
      previousRefreshKey: null,
      idToken: answer.idToken,
      scopes,
      isAfterRejection: false,
    },
    startedAtMs: nowMs(),
    lastSeenAtSec: atSec,
    endsAtSec: Math.min(atSec + getConfig().sessionLifetimeSec, readCeiling(claims)),
    predecessor: null,
    providerSessionId: typeof claims.sid === 'string' ? claims.sid.slice(0, 255) : null,
    authTimeSec: readAuthTime(claims),
    claims: keepClaims(claims, getDeclaration().claims),
    acr: typeof claims.acr === 'string' ? claims.acr.slice(0, 255) : null,
  };
}

/** `session_expiry`: the identity provider's own end for what hangs on this sign-in. @see OIDC Enterprise Extensions */
function readCeiling({ session_expiry: ceiling }: IdTokenClaims): number {
  return typeof ceiling === 'number' && Number.isSafeInteger(ceiling) ? ceiling : Number.POSITIVE_INFINITY;
}
