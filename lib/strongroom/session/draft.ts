/**
 * A text that could not be sent because the session was rejected: kept sealed in the user's own browser for
 * an hour, and shown again only to the same user.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { currentStore } from '../store/current-store';
import type { CookieJar } from './cookie-jar';
import { cookieLifetimes, draftCookieName } from './cookies';
import { seal, unseal } from './seal';
import {
  describeCookie,
  readSealText,
  removeSealedCookie,
  type SealedCookie,
  writeSealedCookie,
} from './sealed-cookie';

const draftSchema = z.object({
  /** Pseudonym of the user who wrote it. */
  owner: z.string(),
  /** Names this text: a form sends it along, so that an API can tell a repetition. */
  key: z.string(),
  text: z.string(),
});
const referenceSchema = z.object({ owner: z.string(), reference: z.string() });

export type Draft = z.infer<typeof draftSchema>;

/** Longest draft that is kept, in characters; a longer one is cut. */
export const maxDraftChars = 20_000;
/** Beyond this many bytes only a reference goes into the cookie: it shares the header with the session. */
const maxCookieBytes = 500;

export async function writeDraft(jar: CookieJar, { owner, key, text }: Draft): Promise<void> {
  const draft = { owner, key, text: text.slice(0, maxDraftChars) };
  const isShort = Buffer.byteLength(JSON.stringify(draft)) <= maxCookieBytes;
  await writeSealedCookie(
    jar,
    draftCookie(),
    isShort ? draft : { owner, reference: await storeDraft(draft) },
  );
}

async function storeDraft(draft: Draft): Promise<string> {
  const reference = randomBytes(16).toString('base64url');
  const { draftSec } = cookieLifetimes;
  await currentStore().set(`draft:${reference}`, await seal('draft', draft, draftSec), draftSec * 1000);
  return reference;
}

/** The text that `owner` left unsent, or null. */
export async function readDraft(jar: Pick<CookieJar, 'read'>, owner: string): Promise<Draft | null> {
  const data = await unseal('draft', readSealText(jar, draftCookie().name), cookieLifetimes.draftSec);
  const referred = referenceSchema.safeParse(data).data;
  const draft = draftSchema.safeParse(
    referred === undefined ? data : await fetchDraft(referred.reference),
  ).data;
  return draft?.owner === owner ? draft : null;
}

async function fetchDraft(reference: string): Promise<unknown> {
  const sealed = await currentStore().get(`draft:${reference}`);
  return sealed === null ? null : unseal('draft', sealed, cookieLifetimes.draftSec);
}

/** Whether this browser holds a draft of any user. */
export function hasDraft(jar: Pick<CookieJar, 'read'>): boolean {
  return readSealText(jar, draftCookie().name) !== '';
}

export function removeDraft(jar: CookieJar): void {
  removeSealedCookie(jar, draftCookie());
}

function draftCookie(): SealedCookie {
  return describeCookie('draft', draftCookieName, cookieLifetimes.draftSec);
}
