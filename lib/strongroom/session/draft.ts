/**
 * A text that could not be sent because the session was rejected: kept sealed in the user's own browser for
 * an hour, and shown again only to the same user. A long one is kept in the store, within bounds for each
 * user; for a browser without a session of its writer nothing is stored.
 */
import 'server-only';
import { z } from 'zod';
import { newRandomId } from '../base/random-id';
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
import { openSessionCookie } from './session-cookie';
import { pseudonymOf } from './user-pseudonym';

const draftSchema = z.object({
  /** Pseudonym of the user who wrote it. */
  owner: z.string(),
  /** Names this text: a form sends it along, so that an API can tell a repetition. */
  key: z.string(),
  text: z.string(),
});
const referenceSchema = z.object({ owner: z.string(), reference: z.string() });
/** Oldest first. */
const storedSchema = z.object({ drafts: z.array(draftSchema.extend({ reference: z.string() })) });
type StoredDraft = z.infer<typeof storedSchema>['drafts'][number];

export type Draft = z.infer<typeof draftSchema>;

/** Longest draft that is kept, in characters; a longer one is cut. */
export const maxDraftChars = 20_000;
/** Beyond this many bytes only a reference goes into the cookie: it shares the header with the session. */
const maxCookieBytes = 500;
/** What the store keeps of one user: the drafts of so many browsers, of so many bytes together. */
const maxStored = 5;
const maxStoredBytes = 64_000;

export async function writeDraft(jar: CookieJar, { owner, key, text }: Draft): Promise<void> {
  const draft = { owner, key, text: text.slice(0, maxDraftChars) };
  const isShort = Buffer.byteLength(JSON.stringify(draft)) <= maxCookieBytes;
  if (isShort) return writeSealedCookie(jar, draftCookie(), draft);
  // Anyone can send a form. A session that has ended is still a sign of who its user is.
  if (!(await hasSessionOf(jar, owner))) return;
  await writeSealedCookie(jar, draftCookie(), { owner, reference: await storeDraft(draft) });
}

async function hasSessionOf(jar: CookieJar, owner: string): Promise<boolean> {
  const session = await openSessionCookie(jar);
  return session?.kind === 'opened' && pseudonymOf(session.value.user) === owner;
}

async function storeDraft(draft: Draft): Promise<string> {
  const reference = newRandomId();
  const drafts = keepNewest([...(await readStored(draft.owner)), { ...draft, reference }]);
  const { draftSec } = cookieLifetimes;
  await currentStore().set(storeKey(draft.owner), await seal('draft', { drafts }, draftSec), draftSec * 1000);
  return reference;
}

function keepNewest(drafts: readonly StoredDraft[]): readonly StoredDraft[] {
  const newest = drafts.slice(-maxStored);
  const isTooMuch = newest.length > 1 && Buffer.byteLength(JSON.stringify(newest)) > maxStoredBytes;
  return isTooMuch ? keepNewest(newest.slice(1)) : newest;
}

async function readStored(owner: string): Promise<readonly StoredDraft[]> {
  const sealed = await currentStore().get(storeKey(owner));
  const data = sealed === null ? null : await unseal('draft', sealed, cookieLifetimes.draftSec);
  return storedSchema.safeParse(data).data?.drafts ?? [];
}

function storeKey(owner: string): string {
  return `draft:${owner}`;
}

/** The text that `owner` left unsent, or null. */
export async function readDraft(jar: Pick<CookieJar, 'read'>, owner: string): Promise<Draft | null> {
  const data = await unseal('draft', readSealText(jar, draftCookie().name), cookieLifetimes.draftSec);
  const referred = referenceSchema.safeParse(data).data;
  if (referred === undefined) return ownDraft(draftSchema.safeParse(data).data, owner);
  if (referred.owner !== owner) return null;
  const stored = (await readStored(owner)).find(({ reference }) => reference === referred.reference);
  return ownDraft(stored, owner);
}

function ownDraft(draft: Draft | undefined, owner: string): Draft | null {
  return draft?.owner === owner ? { owner, key: draft.key, text: draft.text } : null;
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
