/** A short stable id of a user for the log and for hidden form fields. It does not show who the user is. */
import 'server-only';
import { createHmac } from 'node:crypto';
import { keysFor } from './keys';
import type { User } from './session';

export function pseudonymOf(user: Pick<User, 'issuer' | 'subject'>): string {
  // The oldest secret: adding a newer one leaves the pseudonyms as they are.
  const keys = Object.values(keysFor('pseudonym'));
  return createHmac('sha256', keys[0] ?? '')
    .update(`${user.issuer}\n${user.subject}`)
    .digest('base64url')
    .slice(0, 16);
}
