'use server';
/** Deletes a message. When the API wants a fresh sign-in first, the deletion waits and its person is asked. @see RFC 9470, requirements SE-18 */
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { deleteMessage } from '@/lib/api/messages';
import { loadSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { type PendingActionContent, writePendingAction } from '@/lib/strongroom/session/pending-action';
import type { CookieJar } from '@/lib/strongroom/session/seal';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { signInPath } from '@/lib/strongroom/sign-in/paths';
import { callAsUser, type UserApiResult } from '../../../../lib/strongroom/bff/call-as-user';
import { isSameOriginForm, readField } from '../../../../lib/strongroom/bff/same-origin-form';
import { stateAfter } from '../../confirm/run-pending-action';
import { confirmPath, waitForStepUp } from '../../confirm/wait-for-step-up';
import { keepUnsentText, readWritten } from '../unsent-text';

const here = '/dashboard/messages';
const unchecked = 'Sessions cannot be checked right now. Nothing was deleted. Try again in a minute.';

/** @returns what its person is told on the same page */
export async function deleteMessageAction(_previous: string, form: FormData): Promise<string> {
  const messageId = readField(form, 'id');
  if (!(await isSameOriginForm()) || !/^[\w-]{1,64}$/.test(messageId))
    return 'This request did not come from this page. Nothing was deleted.';
  const jar = await requestCookies();
  const found = await loadSession(jar);
  if (found.kind === 'unchecked') return unchecked;
  if (found.kind !== 'session') return askToSignIn(jar, form);
  const answer = await callAsUser(jar, found.session, (fresh) => deleteMessage(fresh, messageId));
  if (answer.kind === 'ok' || answer.kind === 'not_found') {
    // Gone is gone, whoever deleted it.
    revalidatePath(here);
    return 'The message is deleted.';
  }
  const wish = {
    form,
    owner: pseudonymOf(found.session.user),
    action: { name: 'delete_message', messageId } as const,
  };
  return leaveThePage(jar, answer, wish);
}

type Wish = { form: FormData; owner: string; action: PendingActionContent };

/** Never returns: what is being written on the page is kept first. */
async function leaveThePage(jar: CookieJar, answer: UserApiResult<null>, wish: Wish): Promise<never> {
  const { form, owner, action } = wish;
  if (answer.kind === 'login_required') return askToSignIn(jar, form);
  await keepUnsentText(jar, readWritten(form));
  if (answer.kind === 'insufficient_user_authentication')
    return waitForStepUp(jar, owner, { action, requirement: answer.requirement });
  await writePendingAction(jar, { owner, action, requirement: null, state: stateAfter(answer) });
  return redirect(confirmPath);
}

async function askToSignIn(jar: CookieJar, form: FormData): Promise<never> {
  await keepUnsentText(jar, readWritten(form));
  return redirect(signInPath({ returnTo: here, reason: 'ended' }));
}
