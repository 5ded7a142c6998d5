/**
 * A text that its writer could not send because the session had ended: kept sealed in their own browser for an hour, shown again only
 * to the same person.
 */
import 'server-only';
import { z } from 'zod';
import { getConfig } from '@/lib/config/config';
import { cookieAttributes, cookieLifetimes, draftCookieName } from './cookies';
import {
  type CookieJar,
  readSealText,
  removeSealedCookie,
  type SealedCookie,
  unseal,
  writeSealedCookie,
} from './seal';

const draftSchema = z.object({ writer: z.string(), text: z.string() });

export type Draft = z.infer<typeof draftSchema>;

/** Longest draft that is kept, in characters; a longer one is cut. */
export const maxDraftChars = 2_000;

export async function writeDraft(jar: CookieJar, draft: Draft): Promise<void> {
  await writeSealedCookie(jar, draftCookie(), { ...draft, text: draft.text.slice(0, maxDraftChars) });
}

/** The text that `writer` left unsent, or null. */
export async function readDraft(jar: Pick<CookieJar, 'read'>, writer: string): Promise<string | null> {
  const text = readSealText(jar, draftCookie().name);
  const parsed = draftSchema.safeParse(await unseal('draft', text, cookieLifetimes.draftSec));
  return parsed.success && parsed.data.writer === writer ? parsed.data.text : null;
}

export async function removeDraft(jar: CookieJar): Promise<void> {
  const cookie = draftCookie();
  if (readSealText(jar, cookie.name) !== '') await removeSealedCookie(jar, cookie);
}

function draftCookie(): SealedCookie {
  const { isHttps } = getConfig();
  return {
    name: draftCookieName(isHttps),
    purpose: 'draft',
    lifetimeSec: cookieLifetimes.draftSec,
    attributes: cookieAttributes(isHttps),
  };
}
