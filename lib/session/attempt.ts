/**
 * One sign-in that was started and not yet finished: a sealed cookie of its own for each, named after the random id that travels as
 * `state`. Tabs never disturb each other, and a callback whose `state` names no cookie of this browser is refused by construction.
 * @see RFC 6749 §10.12, RFC 9700 §4.7
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { nowSec } from '@/lib/base/clock';
import { getConfig } from '@/lib/config/config';
import {
  attemptCookieName,
  attemptCookiePrefix,
  cookieAttributes,
  cookieLifetimes,
  isAttemptId,
  maxAttempts,
} from './cookies';
import { type CookieJar, seal, unseal } from './seal';

const attemptSchema = z.object({
  id: z.string(),
  /** The authorization server it was started for: it never completes with another. @see RFC 9700 §4.4 */
  issuer: z.string(),
  codeVerifier: z.string(),
  nonce: z.string(),
  returnTo: z.string(),
  /** The one permission it asks for on top, or null for an ordinary sign-in. */
  permission: z.string().nullable(),
  startedAtSec: z.number().int(),
});

export type Attempt = z.infer<typeof attemptSchema>;

export function newAttemptId(): string {
  return randomBytes(16).toString('base64url');
}

/** The attempt that `state` names in this browser, or null. It may be past its time: see `isExpiredAttempt`. */
export async function readAttempt(jar: CookieJar, state: unknown): Promise<Attempt | null> {
  if (!isAttemptId(state)) return null;
  const { isHttps, issuer } = getConfig();
  const text = jar.read(attemptCookieName(isHttps, state)) ?? '';
  const parsed = attemptSchema.safeParse(await unseal('attempt', text, cookieLifetimes.attemptCookieSec));
  // The id inside the seal, not the cookie's name, says which attempt it is: renaming a cookie changes nothing.
  if (!parsed.success || parsed.data.id !== state || parsed.data.issuer !== issuer) return null;
  return parsed.data;
}

export function isExpiredAttempt(attempt: Attempt, atSec: number = nowSec()): boolean {
  return attempt.startedAtSec + cookieLifetimes.attemptSec <= atSec;
}

/** Writes the attempt's cookie and drops the oldest ones beyond the limit. */
export async function writeAttempt(jar: CookieJar, attempt: Attempt): Promise<void> {
  await dropOldAttempts(jar);
  const { isHttps } = getConfig();
  const lifetimeSec = cookieLifetimes.attemptCookieSec;
  const options = { ...cookieAttributes(isHttps), maxAge: lifetimeSec };
  jar.write(attemptCookieName(isHttps, attempt.id), await seal('attempt', attempt, lifetimeSec), options);
}

export function removeAttempt(jar: CookieJar, attemptId: string): void {
  const { isHttps } = getConfig();
  jar.write(attemptCookieName(isHttps, attemptId), '', { ...cookieAttributes(isHttps), maxAge: 0 });
}

export function removeAllAttempts(jar: CookieJar): void {
  for (const id of listAttemptIds(jar)) removeAttempt(jar, id);
}

async function dropOldAttempts(jar: CookieJar): Promise<void> {
  const ids = listAttemptIds(jar);
  if (ids.length < maxAttempts) return;
  const attempts = await Promise.all(
    ids.map(async (id) => ({ id, startedAtSec: (await readAttempt(jar, id))?.startedAtSec ?? 0 })),
  );
  const oldestFirst = attempts.toSorted((a, b) => a.startedAtSec - b.startedAtSec);
  for (const { id } of oldestFirst.slice(0, oldestFirst.length - maxAttempts + 1)) removeAttempt(jar, id);
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
