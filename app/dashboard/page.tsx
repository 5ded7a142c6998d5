/** Overview: what is new and what needs its reader. Each part stands by itself when the API does not answer. */
import type { Metadata } from 'next';
import Link from 'next/link';
import { ApiOutcome } from '@/app/_components/api-outcome';
import { AttentionList, listAttention } from '@/app/_components/attention-list';
import { Figures } from '@/app/_components/figures';
import { validatePermissions } from '@/app/_components/granted-permissions';
import { MessageList } from '@/app/_components/message-list';
import { PageHead } from '@/app/_components/page-frame';
import { Portrait } from '@/app/_components/portrait';
import { Section } from '@/app/_components/section';
import { startOf } from '@/app/_components/session-times';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { initialsOf, nameOf } from '@/app/_components/user-name';
import { searchContacts } from '@/lib/api/contacts';
import { listMessages, type Message } from '@/lib/api/messages';
import type { ApiResult, Page } from '@/lib/strongroom/api/api-result';
import { getConfig } from '@/lib/strongroom/config/config';
import { readDraft } from '@/lib/strongroom/session/draft';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import type { Session } from '@/lib/strongroom/session/session';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { requireSession } from '@/lib/strongroom/sign-in/current-session';

export const metadata: Metadata = { title: 'Overview' };

const here = '/dashboard';

export default async function OverviewPage() {
  const session = await requireSession(here);
  const [contacts, messages, draft] = await Promise.all([
    searchContacts(session, { query: '', page: 1 }),
    listMessages(session, { page: 1 }),
    readDraft(await requestCookies(), pseudonymOf(session.user)),
  ]);
  const permissions = validatePermissions(getConfig().scopes, session);
  const attention = listAttention({
    session,
    permissions,
    hasDraft: draft !== null,
    answers: [contacts, messages],
  });
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Overview">
        Signed in <TimeAgo at={startOf(session)} />
      </PageHead>
      <Reader session={session} />
      <div className="mt-10 grid gap-x-12 gap-y-10 md:grid-cols-[1fr_18rem]">
        <div className="min-w-0">
          <Section title="What is new">
            <Newest answer={messages} me={nameOf(session.user)} />
          </Section>
        </div>
        <div className="min-w-0 max-md:order-first">
          <Section title="What needs you">
            {contacts.kind === 'ok' ? null : <ApiOutcome answer={contacts} resource="Contacts" here={here} />}
            <AttentionList items={attention} isAlone={contacts.kind === 'ok'} />
          </Section>
          <Section title="In figures">
            <Figures contacts={contacts} messages={messages} />
          </Section>
        </div>
      </div>
    </SignedInFrame>
  );
}

function Reader({ session: { user } }: { session: Session }) {
  const name = nameOf(user);
  return (
    <div className="flex items-center gap-4">
      <Portrait initials={initialsOf(name)} source={user.picture} size="large" />
      <div className="min-w-0">
        <p className="text-large font-semibold">{name}</p>
        {user.email === null || user.email === name ? null : <p className="text-soft">{user.email}</p>}
      </div>
    </div>
  );
}

function Newest({ answer, me }: { answer: ApiResult<Page<Message>>; me: string }) {
  if (answer.kind !== 'ok') return <ApiOutcome answer={answer} resource="Messages" here={here} />;
  const { items } = answer.value;
  if (items.length === 0) return <p className="text-soft">No messages yet.</p>;
  return (
    <>
      <MessageList messages={items.slice(0, 3)} me={me} />
      <Link
        href="/dashboard/messages"
        prefetch={false}
        className="link mt-2 inline-flex min-h-11 items-center"
      >
        All messages
      </Link>
    </>
  );
}
