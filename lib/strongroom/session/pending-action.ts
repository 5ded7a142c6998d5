/**
 * One action that waits until its user has signed in again, and afterwards its result: sealed in the user's
 * own browser for a quarter of an hour. The adopter declares the names of actions; their input is opaque
 * here.
 * @see RFC 9470 §5, ASVS 7.5.3
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { authenticationRequirementSchema } from './authentication-requirement';
import type { CookieJar } from './cookie-jar';
import { cookieLifetimes, pendingCookieName } from './cookies';
import { unseal } from './seal';
import {
  describeCookie,
  readSealText,
  removeSealedCookie,
  type SealedCookie,
  writeSealedCookie,
} from './sealed-cookie';

/**
 * Characters of JSON: the action shares a request header with the session. A longer input belongs into the
 * store.
 */
const maxInputChars = 200;

const actionSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
  input: z.record(z.string(), z.string()).refine((input) => JSON.stringify(input).length <= maxInputChars),
});

const pendingActionSchema = z.object({
  id: z.string().min(1),
  /** Pseudonym of the user: the action is run for no other. */
  owner: z.string().min(1),
  action: actionSchema,
  requirement: authenticationRequirementSchema.nullable(),
  /** `waiting` for a sign-in; every other state is its result. */
  state: z.enum(['waiting', 'done', 'denied', 'gone', 'unavailable']),
});

export type PendingActionContent = z.infer<typeof actionSchema>;
export type PendingAction = z.infer<typeof pendingActionSchema>;

/** Replaces an action that waited before. @throws ZodError when the input is too long or the name is none */
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
  await writeSealedCookie(jar, pendingCookie(), pendingActionSchema.parse(pending));
}

/** The action of `owner` in this browser, or null. */
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

export function removePendingAction(jar: CookieJar): void {
  removeSealedCookie(jar, pendingCookie());
}

function pendingCookie(): SealedCookie {
  return describeCookie('pending_action', pendingCookieName, cookieLifetimes.pendingSec);
}
