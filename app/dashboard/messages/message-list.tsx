/** Messages, newest first, to be read. */
import { Portrait } from '@/app/_components/portrait';
import { TimeAgo } from '@/app/_components/time-ago';
import { initialsOf } from '@/app/_components/user-name';
import type { Message } from '@/lib/api/messages';
import { DeleteMessage } from './delete-message';

type List = {
  messages: readonly Message[];
  /** What the signed-in user is called: the API knows them only as the writer. */
  me: string;
  /** Within `DeletableMessages` only. */
  isDeletable?: boolean;
};

export function MessageList({ messages, me, isDeletable = false }: List) {
  return (
    <ol className="border-b border-rule">
      {messages.map((message) => (
        <MessageItem key={message.id} message={message} me={me} isDeletable={isDeletable} />
      ))}
    </ol>
  );
}

function MessageItem({ message, me, isDeletable }: Omit<List, 'messages'> & { message: Message }) {
  const { id, author, isMine, createdAt, text } = message;
  const name = isMine ? me : author || 'No name';
  return (
    <li className="flex gap-3 border-t border-rule py-4">
      <Portrait initials={initialsOf(name)} />
      <article className="min-w-0 max-w-prose grow">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold">{isMine ? `${name} (you)` : name}</span>
          <span className="text-small text-soft">
            <TimeAgo at={createdAt} isPast />
          </span>
        </p>
        <p className="mt-1 whitespace-pre-wrap">{text}</p>
        {isDeletable ? <DeleteMessage id={id} /> : null}
      </article>
    </li>
  );
}
