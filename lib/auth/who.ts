/** A short mark of a person for the log and for hidden form fields: the same person has the same mark, and it is nobody's name. */
import 'server-only';
import { createHmac } from 'node:crypto';
import { keysFor } from '@/lib/session/keys';
import type { User } from '@/lib/session/session';

export function markOf(user: Pick<User, 'issuer' | 'subject'>): string {
  // The oldest secret: adding a newer one leaves the marks as they are.
  const keys = Object.values(keysFor('mark'));
  return createHmac('sha256', keys[0] ?? '')
    .update(`${user.issuer}\n${user.subject}`)
    .digest('base64url')
    .slice(0, 16);
}
