/**
 * One sign-in that was started and not yet finished: a sealed cookie of its own for each, named after the random id that travels as
 * `state`. Tabs never disturb each other, and a callback whose `state` names no cookie of this browser is refused by construction.
 * @see RFC 6749 §10.12, RFC 9700 §4.7
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { nowSec } from '@/lib/base/clock';
import { defaultReturnTo } from '@/lib/base/return-to';
import { getConfig } from '@/lib/config/config';
import {
  activityCookieName,
  attemptCookieName,
  attemptCookiePrefix,
  cookieAttributes,
  cookieLifetimes,
  isAttemptId,
  maxAttempts,
  maxCookieChars,
  pendingCookieName,
  sessionCookieName,
} from './cookies';
import { type CookieJar, readSealText, seal, unseal } from './seal';
import { signInRequirementSchema } from './sign-in-requirement';

const attemptSchema = z.object({
  id: z.string(),
  /** The authorization server it was started for: it never completes with another. @see RFC 9700 §4.4 */
  issuer: z.string(),
  codeVerifier: z.string(),
  nonce: z.string(),
  returnTo: z.string(),
  /** All that it asks for. */
  scopes: z.array(z.string()),
  /** The one permission that is asked for on top of what was granted; null for any other sign-in. */
  permission: z.string().nullable(),
  /** How freshly or strongly the person must sign in, and the action that waits for it. */
  stepUp: z.object({ requirement: signInRequirementSchema, pendingId: z.string().nullable() }).nullable(),
  startedAtSec: z.number().int(),
});

export type Attempt = z.infer<typeof attemptSchema>;

export function newAttemptId(): string {
  return randomBytes(16).toString('base64url');
}

/** The attempt that `state` names in this browser, or null. It may be past its time: see `isExpiredAttempt`. */
export async function readAttempt(jar: CookieJar, state: unknown): Promise<Attempt | null> {
  if (!isAttemptId(state)) return null;
  return openAttempt(jar.read(attemptCookieName(getConfig().isHttps, state)) ?? '', state);
}

async function openAttempt(text: string, id: string): Promise<Attempt | null> {
  const parsed = attemptSchema.safeParse(await unseal('attempt', text, cookieLifetimes.attemptCookieSec));
  // The id inside the seal, not the cookie's name, says which attempt it is: renaming a cookie changes nothing.
  if (!parsed.success || parsed.data.id !== id || parsed.data.issuer !== getConfig().issuer) return null;
  return parsed.data;
}

export function isExpiredAttempt(attempt: Attempt, atSec: number = nowSec()): boolean {
  return attempt.startedAtSec + cookieLifetimes.attemptSec <= atSec;
}

/** Writes the attempt's cookie; the oldest ones go when they are too many, or when all our cookies together are too long. */
export async function writeAttempt(jar: CookieJar, attempt: Attempt): Promise<void> {
  const { isHttps } = getConfig();
  const lifetimeSec = cookieLifetimes.attemptCookieSec;
  const name = attemptCookieName(isHttps, attempt.id);
  let text = await seal('attempt', attempt, lifetimeSec);
  // A wanted page that fits beside no session is forgotten before the sign-in is.
  if (name.length + text.length > attemptBudget(jar))
    text = await seal('attempt', { ...attempt, returnTo: defaultReturnTo }, lifetimeSec);
  await dropOldAttempts(jar, name.length + text.length, maxAttempts - 1);
  jar.write(name, text, { ...cookieAttributes(isHttps), maxAge: lifetimeSec });
}

/** After the session's cookie has grown: makes room for it. */
export async function fitAttempts(jar: CookieJar): Promise<void> {
  await dropOldAttempts(jar, 0, maxAttempts);
}

export function removeAttempt(jar: CookieJar, attemptId: string): void {
  const { isHttps } = getConfig();
  jar.write(attemptCookieName(isHttps, attemptId), '', { ...cookieAttributes(isHttps), maxAge: 0 });
}

export function removeAllAttempts(jar: CookieJar): void {
  for (const id of listAttemptIds(jar)) removeAttempt(jar, id);
}

async function dropOldAttempts(jar: CookieJar, newChars: number, maxCount: number): Promise<void> {
  const attempts = await listAttempts(jar);
  const budget = attemptBudget(jar);
  let count = attempts.length;
  let chars = newChars + attempts.reduce((sum, attempt) => sum + attempt.chars, 0);
  for (const attempt of attempts.toSorted((a, b) => a.startedAtSec - b.startedAtSec)) {
    if (count <= maxCount && chars <= budget) return;
    removeAttempt(jar, attempt.id);
    count -= 1;
    chars -= attempt.chars;
  }
}

/** What the other cookies about signing in leave of the length that all may have together. */
function attemptBudget(jar: CookieJar): number {
  const { isHttps } = getConfig();
  const others = [sessionCookieName, activityCookieName, pendingCookieName].map((name) => name(isHttps));
  const used = others
    .map((name) => ({ name, text: readSealText(jar, name) }))
    .filter(({ text }) => text !== '');
  return used.reduce((left, { name, text }) => left - name.length - text.length, maxCookieChars);
}

async function listAttempts(jar: CookieJar): Promise<{ id: string; chars: number; startedAtSec: number }[]> {
  const { isHttps } = getConfig();
  return Promise.all(
    listAttemptIds(jar).map(async (id) => {
      const name = attemptCookieName(isHttps, id);
      const text = jar.read(name) ?? '';
      const attempt = await openAttempt(text, id);
      return { id, chars: name.length + text.length, startedAtSec: attempt?.startedAtSec ?? 0 };
    }),
  );
}

/** Bounded: a flooded cookie header is not unsealed cookie by cookie. */
function listAttemptIds(jar: CookieJar): string[] {
  const prefix = attemptCookiePrefix(getConfig().isHttps);
  const names = jar.names?.() ?? [];
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter(isAttemptId)
    .slice(0, 32);
}
