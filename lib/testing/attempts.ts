/** A started sign-in for tests. Test support only. */
import { type Attempt, newAttemptId } from '@/lib/session/attempt';
import { noonSec } from './sessions';

export function buildAttempt(changes: Partial<Attempt> = {}): Attempt {
  return {
    id: newAttemptId(),
    issuer: 'https://issuer.example',
    codeVerifier: 'v'.repeat(43),
    nonce: 'n'.repeat(43),
    returnTo: '/dashboard/contacts?page=2',
    scopes: ['openid', 'read:contacts'],
    permission: null,
    stepUp: null,
    startedAtSec: noonSec,
    ...changes,
  };
}
