/** Makes the session of a finished sign-in: always a new one, with a new id. @see ASVS 7.2.4 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { nowSec } from '@/lib/base/clock';
import { getConfig } from '@/lib/config/config';
import { readGrantedScopes } from '@/lib/oauth/granted-scopes';
import { readUser } from '@/lib/oauth/profile';
import type { Session } from '@/lib/session/session';
import type { VerifiedAnswer } from './authorization-server-answers';

/** @param requested the scopes that the request asked for */
export async function createSession(
  { answer, claims, askedAtSec }: VerifiedAnswer,
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
      idToken: answer.idToken,
      scopes,
      isRecovery: false,
    },
    signedInAtSec: atSec,
    endsAtSec: atSec + getConfig().sessionLifetimeSec,
    providerSessionId: typeof claims.sid === 'string' ? claims.sid.slice(0, 255) : null,
  };
}
