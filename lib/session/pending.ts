/**
 * One action that waits for its person to sign in again, and afterwards what came of it: sealed in their own browser for a quarter of an
 * hour. @see RFC 9470 §5, ASVS 7.5.3
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { fitAttempts } from './attempt';
import { cookieLifetimes, pendingCookieName } from './cookies';
import {
  type CookieJar,
  describeCookie,
  readSealText,
  removeSealedCookie,
  type SealedCookie,
  unseal,
  writeSealedCookie,
} from './seal';
import { signInRequirementSchema } from './sign-in-requirement';

const actionSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('delete_message'), messageId: z.string().min(1).max(64) }),
  z.object({ name: z.literal('export_contacts') }),
  /** The text is the draft (draft.ts), and this very one: `message` names it. */
  z.object({ name: z.literal('post_message'), message: z.string().max(64) }),
]);

const pendingSchema = z.object({
  id: z.string().min(1),
  /** Mark of the person: nobody else carries it on. */
  owner: z.string().min(1),
  action: actionSchema,
  requirement: signInRequirementSchema.nullable(),
  /** `waiting` for a sign-in; everything else is what came of it. */
  state: z.enum(['waiting', 'done', 'denied', 'gone', 'unavailable']),
});

export type PendingAction = z.infer<typeof actionSchema>;
export type Pending = z.infer<typeof pendingSchema>;

/** Takes the place of whatever waited before. */
export async function writePending(jar: CookieJar, pending: Omit<Pending, 'id'>): Promise<Pending> {
  const whole = { id: randomBytes(12).toString('base64url'), ...pending };
  await updatePending(jar, whole);
  return whole;
}

/** The same action in another state. */
export async function updatePending(jar: CookieJar, pending: Pending): Promise<void> {
  await writeSealedCookie(jar, pendingCookie(), pending);
  await fitAttempts(jar);
}

/** What waits here for `owner`, or null. */
export async function readPending(jar: Pick<CookieJar, 'read'>, owner: string): Promise<Pending | null> {
  const data = await unseal('pending', readSealText(jar, pendingCookie().name), cookieLifetimes.pendingSec);
  const pending = pendingSchema.safeParse(data).data;
  return pending?.owner === owner ? pending : null;
}

export async function removePending(jar: CookieJar): Promise<void> {
  if (readSealText(jar, pendingCookie().name) !== '') await removeSealedCookie(jar, pendingCookie());
}

function pendingCookie(): SealedCookie {
  return describeCookie('pending', pendingCookieName, cookieLifetimes.pendingSec);
}
