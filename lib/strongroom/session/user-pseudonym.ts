/** How the logs name a user: by a short stable id, which hidden form fields have too, and which does not show who it is. */
import 'server-only';
import { createHmac } from 'node:crypto';
import { noteFacts } from '../base/request-facts';
import { keysFor } from './keys';
import type { Session, User } from './session';

export function pseudonymOf(user: Pick<User, 'issuer' | 'subject'>): string {
  // The oldest secret: adding a newer one leaves the pseudonyms as they are.
  const keys = Object.values(keysFor('pseudonym'));
  return createHmac('sha256', keys[0] ?? '')
    .update(`${user.issuer}\n${user.subject}`)
    .digest('base64url')
    .slice(0, 16);
}

/** For the audit log: whose session the current request is about. */
export function noteSession({ id, user }: Pick<Session, 'id' | 'user'>): void {
  const userPseudonym = () => pseudonymOf(user);
  noteFacts({ session: { id, subject: user.subject, userPseudonym } });
}
