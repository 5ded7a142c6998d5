/**
 * Cookies whose value is a seal. A seal that is too long for one cookie is split over several, named
 * `<name>.0` and so on, and joined again before it is opened: the signature covers the whole, so a part that
 * is missing or comes from another cookie makes it unreadable.
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { BoundedMap } from '../base/bounded-map';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import type { CookieJar } from './cookie-jar';
import { type CookieAttributes, type CookieNaming, cookieAttributes } from './cookies';
import type { Purpose } from './keys';
import { openSeal, type SealProblem, seal } from './seal';

export type SealedCookie = {
  name: string;
  purpose: Purpose;
  lifetimeSec: number;
  attributes: CookieAttributes;
};

/** Browsers keep 4,096 bytes of a cookie, name and attributes included; those take less than 200. */
export const maxPartChars = 3_900;
/** The budget of all cookies together (cookies.ts) allows no more. */
const maxParts = 4;

/** `shape_unknown`: the seal is ours, and what it holds was written by another version. */
export type Unsealed<T> =
  | { kind: 'opened'; value: T }
  | { kind: 'rejected'; reason: SealProblem | 'shape_unknown' };

/** A cookie comes with every request, and is opened once a minute. */
const unsealedMs = 60_000;
const maxUnsealed = 4_000;

/** A cookie of the application, as this installation writes it. */
export function describeCookie(
  purpose: Purpose,
  nameOf: (naming: CookieNaming) => string,
  lifetimeSec: number,
): SealedCookie {
  const config = getConfig();
  return { name: nameOf(config), purpose, lifetimeSec, attributes: cookieAttributes(config.isHttps) };
}

/**
 * What the cookie holds; null when the browser sent none.
 * @param parse must not depend on the time, because its result is kept; null when the data has another shape
 */
export async function openSealedCookie<T>(
  jar: Pick<CookieJar, 'read'>,
  { name, purpose, lifetimeSec }: SealedCookie,
  parse: (data: unknown) => T | null,
): Promise<Unsealed<T> | null> {
  const text = readSealText(jar, name);
  if (text === '') return null;
  const key = `${purpose} ${createHash('sha256').update(text).digest('base64url')}`;
  const known = unsealed().get(key) as T | null;
  if (known !== null) return { kind: 'opened', value: known };
  const opened = await openSeal(purpose, text, lifetimeSec);
  if (opened.kind === 'rejected') return opened;
  const value = parse(opened.data);
  if (value === null) return { kind: 'rejected', reason: 'shape_unknown' };
  unsealed().set(key, value, unsealedMs);
  return { kind: 'opened', value };
}

/**
 * Replaces the cookie. What it held before is not opened, and parts that are no longer needed are removed
 * first.
 */
export async function writeSealedCookie(jar: CookieJar, cookie: SealedCookie, data: object): Promise<void> {
  const { name, purpose, lifetimeSec, attributes } = cookie;
  const parts = splitSeal(name, await seal(purpose, data, lifetimeSec));
  removeParts(jar, cookie, (part) => !parts.some((one) => one.name === part));
  for (const part of parts) jar.write(part.name, part.text, { ...attributes, maxAge: lifetimeSec });
}

/** Removes the cookie and all its parts. */
export function removeSealedCookie(jar: CookieJar, cookie: SealedCookie): void {
  removeParts(jar, cookie, () => true);
}

/** The text of a sealed cookie, joined from its parts; '' when there is none. */
export function readSealText(jar: Pick<CookieJar, 'read'>, name: string): string {
  const whole = jar.read(name);
  if (whole) return whole;
  const texts = partNames(name).map((part) => jar.read(part) || null);
  const gap = texts.indexOf(null);
  return texts.slice(0, gap === -1 ? maxParts : gap).join('');
}

function splitSeal(name: string, text: string): { name: string; text: string }[] {
  if (text.length <= maxPartChars) return [{ name, text }];
  if (text.length > maxPartChars * maxParts) throw new Error(`The cookie ${name} would be too long`);
  const parts = partNames(name).map((part, at) => {
    const start = at * maxPartChars;
    return { name: part, text: text.slice(start, start + maxPartChars) };
  });
  return parts.filter((part) => part.text !== '');
}

function removeParts(
  jar: CookieJar,
  { name, attributes }: SealedCookie,
  isStale: (part: string) => boolean,
): void {
  for (const part of [name, ...partNames(name)])
    if (isStale(part) && jar.read(part)) jar.write(part, '', { ...attributes, maxAge: 0 });
}

function unsealed(): BoundedMap<unknown> {
  return processSingleton('unsealed-cookies', () => new BoundedMap<unknown>(maxUnsealed));
}

function partNames(name: string): string[] {
  return Array.from({ length: maxParts }, (_, part) => `${name}.${part}`);
}
