/**
 * Overview: what is new and what needs the user. Each part is shown by itself, so that one failed call to the
 * API hides no other part.
 */
import type { Metadata } from 'next';
import { type CallResult, drafts, requireSession, type SessionView } from 'strongroom';
import { ApiOutcome } from '@/app/_components/api-outcome';
import { nowSec } from '@/app/_components/now-sec';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { Portrait } from '@/app/_components/portrait';
import { Section } from '@/app/_components/section';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { initialsOf, nameOf } from '@/app/_components/user-name';
import { searchContacts } from '@/lib/api/contacts';
import { listMessages, type Message } from '@/lib/api/messages';
import type { Page } from '@/lib/api/wire';
import { places } from '@/lib/places';
import { AttentionList, listAttention } from './attention-list';
import { Figures } from './figures';
import { showMessage } from './messages/message-item';
import { MessageList } from './messages/message-list';

export const metadata: Metadata = { title: 'Overview' };

const here = places.overview;

export default async function OverviewPage() {
  const session = await requireSession(here);
  const [contacts, messages, draft] = await Promise.all([
    searchContacts({ query: '', page: 1 }),
    listMessages({ page: 1 }),
    drafts.read(),
  ]);
  const attention = listAttention({ session, hasDraft: draft !== null, results: [contacts, messages] });
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Overview">
        Signed in <TimeAgo at={session.startedAtSec} />
      </PageHead>
      <Greeting session={session} />
      <div className="mt-10 grid gap-x-12 gap-y-10 md:grid-cols-[1fr_18rem]">
        <div className="min-w-0">
          <Section title="What is new">
            <Newest result={messages} user={session.user} />
          </Section>
        </div>
        <div className="min-w-0">
          <Section title="What needs you">
            {contacts.kind === 'ok' ? null : <ApiOutcome result={contacts} resource="Contacts" here={here} />}
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

function Greeting({ session: { user } }: { session: SessionView }) {
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

type News = { result: CallResult<Page<Message>>; user: SessionView['user'] };

function Newest({ result, user }: News) {
  if (result.kind !== 'ok') return <ApiOutcome result={result} resource="Messages" here={here} />;
  const { items } = result.value;
  if (items.length === 0) return <p className="text-soft">No messages yet.</p>;
  const naming = { me: { name: nameOf(user), picture: user.picture }, nowSec: nowSec() };
  const newest = items.slice(0, 3).map((message) => showMessage(message, naming));
  return (
    <>
      <MessageList messages={newest} />
      <PageLink href={places.messages} className="link mt-2 inline-flex min-h-11 items-center">
        All messages
      </PageLink>
    </>
  );
}
