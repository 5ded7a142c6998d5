/** Messages: read and post; nothing typed is ever lost. */
import { randomUUID } from 'node:crypto';
import type { Metadata } from 'next';
import { type CallResult, drafts, requireSession, type SessionView } from 'strongroom';
import { ApiOutcome, PermissionNeeded } from '@/app/_components/api-outcome';
import { nowSec } from '@/app/_components/now-sec';
import { PageHead } from '@/app/_components/page-head';
import { buildAddress, type PageQuery, readPageNumber } from '@/app/_components/page-query';
import { countPages, Pagination } from '@/app/_components/pagination';
import { Section } from '@/app/_components/section';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { nameOf } from '@/app/_components/user-name';
import { listMessages, type Message, maxMessageChars } from '@/lib/api/messages';
import type { Page } from '@/lib/api/wire';
import { places } from '@/lib/places';
import { DeletableMessages } from './delete-message';
import { LiveList, LiveTotal } from './live-list';
import { LiveMessages } from './live-messages';
import { MessageForm } from './message-form';
import { showMessage } from './message-item';
import { sayRestored } from './unsent-words';

export const metadata: Metadata = { title: 'Messages' };

const writePermission = 'write:messages';

function addressOf(page: number): string {
  return buildAddress(places.messages, { page: page === 1 ? null : String(page) });
}

export default async function MessagesPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const page = readPageNumber(await searchParams);
  const here = addressOf(page);
  const session = await requireSession(here);
  const [result, draft] = await Promise.all([listMessages({ page }), drafts.read()]);
  const { user, pseudonym, scopes } = session;
  const naming = { me: { name: nameOf(user), picture: user.picture }, nowSec: nowSec() };
  const { items, total } = result.kind === 'ok' ? result.value : { items: [], total: 0 };
  const messages = items.map((message) => showMessage(message, naming));
  const isLive = result.kind === 'ok' && page === 1;
  // Around the form too, whatever the API says: what is typed stays where it is.
  return (
    <SignedInFrame session={session} here={here}>
      <LiveMessages {...naming} owner={pseudonym} messages={messages} total={total} isLive={isLive}>
        <PageHead title="Messages">{result.kind === 'ok' ? <LiveTotal /> : null}</PageHead>
        <NewMessage session={session} draft={draft} />
        <div data-private className="mt-10">
          <Section title="Newest first">
            <Messages
              result={result}
              here={here}
              owner={pseudonym}
              mayDelete={scopes.includes(writePermission)}
            />
          </Section>
        </div>
      </LiveMessages>
    </SignedInFrame>
  );
}

type Draft = Awaited<ReturnType<typeof drafts.read>>;

function NewMessage({ session, draft }: { session: SessionView; draft: Draft }) {
  const permission = session.permissions.find(({ scope }) => scope === writePermission);
  if (permission?.isGranted === false) return <CannotPost draft={draft} />;
  const initial = {
    text: draft?.text ?? '',
    key: draft?.key ?? randomUUID(),
    writer: session.pseudonym,
    outcome: draft === null ? null : sayRestored,
  };
  return <MessageForm initial={initial} maxChars={maxMessageChars} />;
}

function CannotPost({ draft }: { draft: Draft }) {
  return (
    <PermissionNeeded scope={writePermission} here={places.messages} what="Posting">
      {draft === null ? null : (
        <>
          <p>Your unsent message was kept.</p>
          <blockquote className="border-y border-rule py-2 whitespace-pre-wrap">{draft.text}</blockquote>
        </>
      )}
    </PermissionNeeded>
  );
}

type Listed = { result: CallResult<Page<Message>>; here: string; owner: string; mayDelete: boolean };

function Messages({ result, here, owner, mayDelete }: Listed) {
  if (result.kind !== 'ok') return <ApiOutcome result={result} resource="Messages" here={here} />;
  const { page, perPage, total } = result.value;
  return (
    <>
      <DeletableMessages owner={owner}>
        <LiveList isDeletable={mayDelete} page={page} />
      </DeletableMessages>
      <Pagination
        page={Math.min(page, countPages(total, perPage) + 1)}
        perPage={perPage}
        total={total}
        hrefOf={addressOf}
      />
    </>
  );
}
