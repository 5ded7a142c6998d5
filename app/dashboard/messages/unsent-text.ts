/** The new message of a form, and how it is kept when its page is left before it is posted. */
import 'server-only';
import { randomUUID } from 'node:crypto';
import type { CookieJar } from '@/lib/strongroom/session/cookie-jar';
import { writeDraft } from '@/lib/strongroom/session/draft';
import { readField } from '../../../lib/strongroom/bff/same-origin-form';
import type { PostState } from './post-state';

export type Written = Omit<PostState, 'outcome'>;

export function readWritten(form: FormData): Written {
  const read = (name: string) => readField(form, name);
  const key = read('key');
  const writer = read('writer');
  return {
    text: read('text').replace(/\r\n?/g, '\n'),
    key: /^[0-9a-f-]{36}$/.test(key) ? key : randomUUID(),
    writer: /^[\w-]{16}$/.test(writer) ? writer : '',
  };
}

/** In its writer's own browser, for an hour; nothing when there is no text or nobody says whose it is. */
export async function keepUnsentText(jar: CookieJar, written: Written): Promise<void> {
  if (written.writer !== '' && written.text.trim() !== '') await keepAsDraft(jar, written);
}

export function keepAsDraft(jar: CookieJar, { writer: owner, text, key }: Written): Promise<void> {
  return writeDraft(jar, { owner, text, key });
}
