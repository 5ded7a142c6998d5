/** All contacts as a file. When the API wants a fresh sign-in first, the wish waits and its person is asked. @see RFC 9470, RFC 4180 */
import type { NextRequest } from 'next/server';
import { exportContacts } from '@/lib/api/contacts';
import { classifyNavigation } from '@/lib/strongroom/base/fetch-metadata';
import { privateCacheControl } from '@/lib/strongroom/base/security-headers';
import { getConfig } from '@/lib/strongroom/config/config';
import { readSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { removePendingAction, writePendingAction } from '@/lib/strongroom/session/pending-action';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { signInPath } from '@/lib/strongroom/sign-in/paths';
import { redirectTo } from '@/lib/strongroom/sign-in/respond';
import { callAsUser } from '../../../../lib/strongroom/bff/call-as-user';
import { stateAfter } from '../../confirm/run-pending-action';
import { confirmPath } from '../../confirm/wait-for-step-up';

const contactsPath = '/dashboard/contacts';

export async function GET(request: NextRequest): Promise<Response> {
  // A file is fetched by a click on our pages, not by a link from elsewhere and not ahead of time.
  if (classifyNavigation(request.headers, getConfig().appOrigin) !== 'same_origin')
    return redirectTo(contactsPath);
  const jar = await requestCookies();
  const session = await readSession(jar);
  if (session === null) return redirectTo(signInPath({ returnTo: contactsPath, reason: 'ended' }));
  const answer = await callAsUser(jar, session, exportContacts);
  if (answer.kind === 'ok') {
    // What waited is done: coming back to its page starts nothing any more.
    await removePendingAction(jar);
    return sendFile(answer.value);
  }
  if (answer.kind === 'login_required')
    return redirectTo(signInPath({ returnTo: contactsPath, reason: 'ended' }));
  const wish = { owner: pseudonymOf(session.user), action: { name: 'export_contacts' } as const };
  await writePendingAction(
    jar,
    answer.kind === 'insufficient_user_authentication'
      ? { ...wish, requirement: answer.requirement, state: 'waiting' }
      : { ...wish, requirement: null, state: stateAfter(answer) },
  );
  return redirectTo(confirmPath);
}

/** Whatever the API says of it: a file, under our name, that no browser shows as a page. */
function sendFile(table: string): Response {
  return new Response(table, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="contacts.csv"',
      'cache-control': privateCacheControl,
    },
  });
}
