/** A started sign-in for tests. Test support only. */
import { newRandomId } from '../base/random-id';
import type { SignInTransaction } from '../session/sign-in-transaction';
import { noonSec } from './sessions';

export function buildTransaction(changes: Partial<SignInTransaction> = {}): SignInTransaction {
  return {
    id: newRandomId(),
    issuer: 'https://issuer.example',
    codeVerifier: 'v'.repeat(43),
    nonce: 'n'.repeat(43),
    dpopKey: null,
    returnTo: '/dashboard/contacts?page=2',
    scopes: ['openid', 'read:contacts'],
    permission: null,
    owner: null,
    stepUp: null,
    parameters: {},
    account: null,
    isSecond: false,
    leftOut: [],
    startedAtSec: noonSec,
    ...changes,
  };
}
