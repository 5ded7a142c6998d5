'use server';
/** Deletes a message. When the API wants a fresh sign-in first, the deletion waits and its person is asked. @see RFC 9470, requirements SE-18 */
import { revalidatePath } from 'next/cache';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { deleteMessage } from '@/lib/api/messages';
import { isOwnRequest } from '@/lib/auth/same-origin';
import { signInPath } from '@/lib/auth/sign-in-path';
import { markOf } from '@/lib/auth/who';
import { getConfig } from '@/lib/config/config';
import { readSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { type Pending, type PendingAction, writePending } from '@/lib/session/pending';
import { callForPerson } from '../../call-for-person';
import { confirmPath, waitForSignIn } from '../../wait-for-sign-in';

const here = '/dashboard/messages';

export async function deleteMessageAction(form: FormData): Promise<void> {
  const messageId = String(form.get('id') ?? '');
  if (!isOwnRequest(await headers(), getConfig().appOrigin) || !/^[\w-]{1,64}$/.test(messageId))
    redirect(here);
  const jar = await requestCookies();
  const session = await readSession(jar);
  if (session === null) redirect(signInPath({ returnTo: here, reason: 'ended' }));
  const owner = markOf(session.user);
  const action: PendingAction = { name: 'delete_message', messageId };
  const answer = await callForPerson(jar, session, (fresh) => deleteMessage(fresh, messageId));
  switch (answer.kind) {
    case 'ok':
    case 'not_found':
      // Gone is gone, whoever deleted it.
      revalidatePath(here);
      return;
    case 'ended':
      return redirect(signInPath({ returnTo: here, reason: 'ended' }));
    case 'stronger_sign_in_needed':
      return waitForSignIn(jar, owner, { action, requirement: answer.requirement });
    default: {
      const state: Pending['state'] =
        answer.kind === 'unavailable' || answer.kind === 'slow_down' ? 'unavailable' : 'denied';
      await writePending(jar, { owner, action, requirement: null, state });
      return redirect(confirmPath);
    }
  }
}
