/** All contacts as a file. When the API wants a fresh sign-in first, the wish waits and its person is asked. @see RFC 9470, RFC 4180 */
import type { NextRequest } from 'next/server';
import { redirectTo } from '@/app/auth/respond';
import { exportContacts } from '@/lib/api/contacts';
import { judgeNavigation } from '@/lib/auth/same-origin';
import { signInPath } from '@/lib/auth/sign-in-path';
import { markOf } from '@/lib/auth/who';
import { privateCacheControl } from '@/lib/base/security-headers';
import { getConfig } from '@/lib/config/config';
import { readSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { removePending, writePending } from '@/lib/session/pending';
import { callForPerson } from '../../call-for-person';
import { stateAfter } from '../../perform-pending';
import { confirmPath } from '../../wait-for-sign-in';

const contactsPath = '/dashboard/contacts';

export async function GET(request: NextRequest): Promise<Response> {
  // A file is fetched by a click on our pages, not by a link from elsewhere and not ahead of time.
  if (judgeNavigation(request.headers, getConfig().appOrigin) !== 'own') return redirectTo(contactsPath);
  const jar = await requestCookies();
  const session = await readSession(jar);
  if (session === null) return redirectTo(signInPath({ returnTo: contactsPath, reason: 'ended' }));
  const answer = await callForPerson(jar, session, exportContacts);
  if (answer.kind === 'ok') {
    // What waited is done: coming back to its page starts nothing any more.
    await removePending(jar);
    return sendFile(answer.value);
  }
  if (answer.kind === 'ended') return redirectTo(signInPath({ returnTo: contactsPath, reason: 'ended' }));
  const wish = { owner: markOf(session.user), action: { name: 'export_contacts' } as const };
  await writePending(
    jar,
    answer.kind === 'stronger_sign_in_needed'
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
