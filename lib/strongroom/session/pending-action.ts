/**
 * One action that waits for its person to sign in again, and afterwards what came of it: sealed in their own browser for a quarter of an
 * hour. @see RFC 9470 §5, ASVS 7.5.3
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { authenticationRequirementSchema } from './authentication-requirement';
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
import { fitTransactions } from './sign-in-transaction';

const actionSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('delete_message'), messageId: z.string().min(1).max(64) }),
  z.object({ name: z.literal('export_contacts') }),
  /** The text is the draft (draft.ts), and this very one: `message` names it. */
  z.object({ name: z.literal('post_message'), message: z.string().max(64) }),
]);

const pendingActionSchema = z.object({
  id: z.string().min(1),
  /** Mark of the person: nobody else carries it on. */
  owner: z.string().min(1),
  action: actionSchema,
  requirement: authenticationRequirementSchema.nullable(),
  /** `waiting` for a sign-in; everything else is what came of it. */
  state: z.enum(['waiting', 'done', 'denied', 'gone', 'unavailable']),
});

export type PendingActionContent = z.infer<typeof actionSchema>;
export type PendingAction = z.infer<typeof pendingActionSchema>;

/** Takes the place of whatever waited before. */
export async function writePendingAction(
  jar: CookieJar,
  pending: Omit<PendingAction, 'id'>,
): Promise<PendingAction> {
  const whole = { id: randomBytes(12).toString('base64url'), ...pending };
  await updatePendingAction(jar, whole);
  return whole;
}

/** The same action in another state. */
export async function updatePendingAction(jar: CookieJar, pending: PendingAction): Promise<void> {
  await writeSealedCookie(jar, pendingCookie(), pending);
  await fitTransactions(jar);
}

/** What waits here for `owner`, or null. */
export async function readPendingAction(
  jar: Pick<CookieJar, 'read'>,
  owner: string,
): Promise<PendingAction | null> {
  const data = await unseal(
    'pending_action',
    readSealText(jar, pendingCookie().name),
    cookieLifetimes.pendingSec,
  );
  const pending = pendingActionSchema.safeParse(data).data;
  return pending?.owner === owner ? pending : null;
}

export async function removePendingAction(jar: CookieJar): Promise<void> {
  if (readSealText(jar, pendingCookie().name) !== '') await removeSealedCookie(jar, pendingCookie());
}

function pendingCookie(): SealedCookie {
  return describeCookie('pending_action', pendingCookieName, cookieLifetimes.pendingSec);
}
