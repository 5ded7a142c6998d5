'use server';
/** Deletes a message. When the API wants a fresh sign-in first, the deletion waits and its person is asked. @see RFC 9470, requirements SE-18 */
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { deleteMessage } from '@/lib/api/messages';
import { signInPath } from '@/lib/auth/sign-in-path';
import { markOf } from '@/lib/auth/who';
import { lookUpSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { type PendingAction, writePending } from '@/lib/session/pending';
import type { CookieJar } from '@/lib/session/seal';
import { callForPerson, type PersonAnswer } from '../../call-for-person';
import { isOwnForm, readField } from '../../own-form';
import { stateAfter } from '../../perform-pending';
import { confirmPath, waitForSignIn } from '../../wait-for-sign-in';
import { keepUnsentText, readWritten } from '../unsent-text';

const here = '/dashboard/messages';
const unchecked = 'Sessions cannot be checked right now. Nothing was deleted. Try again in a minute.';

/** @returns what its person is told on the same page */
export async function deleteMessageAction(_previous: string, form: FormData): Promise<string> {
  const messageId = readField(form, 'id');
  if (!(await isOwnForm()) || !/^[\w-]{1,64}$/.test(messageId))
    return 'This request did not come from this page. Nothing was deleted.';
  const jar = await requestCookies();
  const found = await lookUpSession(jar);
  if (found.kind === 'unchecked') return unchecked;
  if (found.kind !== 'session') return askToSignIn(jar, form);
  const answer = await callForPerson(jar, found.session, (fresh) => deleteMessage(fresh, messageId));
  if (answer.kind === 'ok' || answer.kind === 'not_found') {
    // Gone is gone, whoever deleted it.
    revalidatePath(here);
    return 'The message is deleted.';
  }
  const wish = {
    form,
    owner: markOf(found.session.user),
    action: { name: 'delete_message', messageId } as const,
  };
  return leaveThePage(jar, answer, wish);
}

type Wish = { form: FormData; owner: string; action: PendingAction };

/** Never returns: what is being written on the page is kept first. */
async function leaveThePage(jar: CookieJar, answer: PersonAnswer<null>, wish: Wish): Promise<never> {
  const { form, owner, action } = wish;
  if (answer.kind === 'ended') return askToSignIn(jar, form);
  await keepUnsentText(jar, readWritten(form));
  if (answer.kind === 'stronger_sign_in_needed')
    return waitForSignIn(jar, owner, { action, requirement: answer.requirement });
  await writePending(jar, { owner, action, requirement: null, state: stateAfter(answer) });
  return redirect(confirmPath);
}

async function askToSignIn(jar: CookieJar, form: FormData): Promise<never> {
  await keepUnsentText(jar, readWritten(form));
  return redirect(signInPath({ returnTo: here, reason: 'ended' }));
}
