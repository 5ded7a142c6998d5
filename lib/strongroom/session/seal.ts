/**
 * Sealing and opening: the only file that knows iron-session. A seal is encrypted and authenticated, bound to one purpose by its key,
 * and carries its own end. Anything that is not an intact seal opens as null: never an exception.
 */
import 'server-only';
import { type CookieJar, getIronSession, sealData, unsealData } from 'iron-session';
import { getConfig } from '../config/config';
import { type CookieAttributes, cookieAttributes } from './cookies';
import { keysFor, type Purpose } from './keys';

export type { CookieJar };

/** Longest seal worth opening, in characters: cookies are shorter by nature, the store holds longer drafts. */
const maxSealChars = 100_000;
/**
 * Version, seven components in base64url, version mark. Decoding forgives spaces, padding and unused bits at the end of the signature, and
 * what follows the mark is ignored: here every seal has one text.
 */
const sealShape = /^Fe26\.2(?:\*[\w-]*){6}\*[\w-]{42}[AEIMQUYcgkosw048]~2$/;

export async function seal(purpose: Purpose, data: object, lifetimeSec: number): Promise<string> {
  return sealData(data, { password: keysFor(purpose), ttl: lifetimeSec });
}

/** @returns the sealed data, or null when the text is not a seal of ours for this purpose, or past its end */
export async function unseal(purpose: Purpose, text: string, lifetimeSec: number): Promise<unknown> {
  if (text.length > maxSealChars || !sealShape.test(text)) return null;
  let isOpened = true;
  const data = await unsealData<unknown>(text, {
    password: keysFor(purpose),
    ttl: lifetimeSec,
    onUnsealError: () => {
      isOpened = false;
    },
  }).catch(() => null);
  return isOpened ? data : null;
}

export type SealedCookie = {
  name: string;
  purpose: Purpose;
  lifetimeSec: number;
  attributes: CookieAttributes;
};

/** A cookie of the application, as this installation writes it. */
export function describeCookie(
  purpose: Purpose,
  nameOf: (isHttps: boolean) => string,
  lifetimeSec: number,
): SealedCookie {
  const { isHttps } = getConfig();
  return { name: nameOf(isHttps), purpose, lifetimeSec, attributes: cookieAttributes(isHttps) };
}

/** Writes `data` into the cookie, over several cookies when one is too small; removes parts that are no longer needed. */
export async function writeSealedCookie(jar: CookieJar, cookie: SealedCookie, data: object): Promise<void> {
  const session = await openJar(jar, cookie);
  for (const key of Object.keys(session)) delete session[key];
  Object.assign(session, data);
  await session.save();
}

/** Removes the cookie and all its parts. */
export async function removeSealedCookie(jar: CookieJar, cookie: SealedCookie): Promise<void> {
  (await openJar(jar, cookie)).destroy();
}

/** The text of a sealed cookie, joined from its parts; '' when there is none. */
export function readSealText(jar: Pick<CookieJar, 'read'>, name: string): string {
  const whole = jar.read(name);
  if (whole) return whole;
  let text = '';
  for (let part = 0; part < 4; part += 1) {
    const value = jar.read(`${name}.${part}`);
    if (!value) break;
    text += value;
  }
  return text;
}

function openJar(jar: CookieJar, cookie: SealedCookie) {
  return getIronSession<Record<string, unknown>>(jar, {
    cookieName: cookie.name,
    password: keysFor(cookie.purpose),
    ttl: cookie.lifetimeSec,
    cookieOptions: { ...cookie.attributes, maxAge: cookie.lifetimeSec },
    chunk: true,
  });
}
