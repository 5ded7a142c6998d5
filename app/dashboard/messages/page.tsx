/** Messages: read and post; nothing typed is ever lost. */
import { randomUUID } from 'node:crypto';
import type { Metadata } from 'next';
import { ApiOutcome, PermissionNeeded } from '@/app/_components/api-outcome';
import { DeletableMessages } from '@/app/_components/delete-message';
import { MessageForm } from '@/app/_components/message-form';
import { MessageList } from '@/app/_components/message-list';
import { PageHead } from '@/app/_components/page-frame';
import { buildAddress, type PageQuery, readPageNumber } from '@/app/_components/page-query';
import { countPages, Pagination } from '@/app/_components/pagination';
import { Section } from '@/app/_components/section';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { nameOf } from '@/app/_components/user-name';
import { listMessages, type Message, maxMessageChars } from '@/lib/api/messages';
import type { ApiResult, Page } from '@/lib/strongroom/api/api-result';
import { getConfig } from '@/lib/strongroom/config/config';
import { type Draft, readDraft } from '@/lib/strongroom/session/draft';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import type { Session } from '@/lib/strongroom/session/session';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { requireSession } from '@/lib/strongroom/sign-in/current-session';

export const metadata: Metadata = { title: 'Messages' };

const writePermission = 'write:messages';

function addressOf(page: number): string {
  return buildAddress('/dashboard/messages', { page: page === 1 ? null : String(page) });
}

export default async function MessagesPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const page = readPageNumber(await searchParams);
  const here = addressOf(page);
  const session = await requireSession(here);
  const [answer, draft] = await Promise.all([
    listMessages(session, { page }),
    readDraft(await requestCookies(), pseudonymOf(session.user)),
  ]);
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Messages">{answer.kind === 'ok' ? sayTotal(answer.value.total) : null}</PageHead>
      <NewMessage session={session} draft={draft} />
      <div data-private className="mt-10">
        <Section title="Newest first">
          <Messages
            answer={answer}
            here={here}
            me={nameOf(session.user)}
            mayDelete={session.tokens.scopes.includes(writePermission)}
          />
        </Section>
      </div>
    </SignedInFrame>
  );
}

function NewMessage({ session, draft }: { session: Session; draft: Draft | null }) {
  const isAskable = getConfig().scopes.includes(writePermission);
  if (isAskable && !session.tokens.scopes.includes(writePermission)) return <CannotPost draft={draft} />;
  const initial = {
    text: draft?.text ?? '',
    key: draft?.key ?? randomUUID(),
    writer: pseudonymOf(session.user),
    outcome: draft === null ? null : { tone: 'note' as const, words: 'Your unsent message was kept.' },
  };
  return <MessageForm initial={initial} maxChars={maxMessageChars} />;
}

function CannotPost({ draft }: { draft: Draft | null }) {
  return (
    <PermissionNeeded scope={writePermission} here="/dashboard/messages">
      {draft === null ? null : (
        <>
          <p>Your unsent message was kept.</p>
          <blockquote className="border-y border-rule py-2 whitespace-pre-wrap">{draft.text}</blockquote>
        </>
      )}
    </PermissionNeeded>
  );
}

type Listing = { answer: ApiResult<Page<Message>>; here: string; me: string; mayDelete: boolean };

function Messages({ answer, here, me, mayDelete }: Listing) {
  if (answer.kind !== 'ok') return <ApiOutcome answer={answer} resource="Messages" here={here} />;
  const { items, page, perPage, total } = answer.value;
  return (
    <>
      {items.length > 0 ? (
        <DeletableMessages>
          <MessageList messages={items} me={me} isDeletable={mayDelete} />
        </DeletableMessages>
      ) : (
        <p className="text-soft">{sayEmpty(page)}</p>
      )}
      <Pagination
        page={Math.min(page, countPages(total, perPage) + 1)}
        perPage={perPage}
        total={total}
        hrefOf={addressOf}
      />
    </>
  );
}

function sayEmpty(page: number): string {
  return page === 1
    ? 'No messages yet. The first one you post appears here.'
    : 'There are no messages this far back.';
}

function sayTotal(total: number): string {
  return `${total.toLocaleString('en')} ${total === 1 ? 'message' : 'messages'}`;
}
