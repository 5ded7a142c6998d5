/** Messages, newest first, to be read. */
import type { Message } from '@/lib/api/messages';
import { initialsOf } from './person';
import { PersonPicture } from './person-picture';
import { TimeAgo } from './time-ago';

type List = {
  messages: readonly Message[];
  /** How the signed-in person is called: the API knows them only as the writer. */
  me: string;
  /** What deletes one, where that is offered. */
  deleteAction?: (form: FormData) => Promise<void>;
};

export function MessageList({ messages, me, deleteAction }: List) {
  return (
    <ol className="border-b border-rule">
      {messages.map((message) => (
        <MessageItem key={message.id} message={message} me={me} deleteAction={deleteAction} />
      ))}
    </ol>
  );
}

function MessageItem({ message, me, deleteAction }: Omit<List, 'messages'> & { message: Message }) {
  const { author, isMine, createdAt, text } = message;
  const name = isMine ? me : author || 'No name';
  return (
    <li className="flex gap-3 border-t border-rule py-4">
      <PersonPicture initials={initialsOf(name)} />
      <article className="min-w-0 max-w-prose grow">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold">{isMine ? `${name} (you)` : name}</span>
          <span className="text-small text-soft">
            <TimeAgo at={createdAt} isPast />
          </span>
        </p>
        <p className="mt-1 whitespace-pre-wrap">{text}</p>
        {deleteAction === undefined ? null : <DeleteMessage id={message.id} action={deleteAction} />}
      </article>
    </li>
  );
}

/** Two steps, and never by accident; without JavaScript too. */
function DeleteMessage({ id, action }: { id: string; action: (form: FormData) => Promise<void> }) {
  return (
    <details className="-mb-3 text-small">
      <summary className="inline-flex min-h-11 cursor-pointer items-center text-soft hover:text-ink">
        Delete …
      </summary>
      <form action={action} className="flex flex-wrap items-center gap-x-4 pb-2">
        <input type="hidden" name="id" value={id} />
        <p>It cannot be brought back.</p>
        <button
          type="submit"
          className="min-h-11 cursor-pointer rounded-control border border-edge px-4 font-semibold hover:bg-sheet"
        >
          Delete message
        </button>
      </form>
    </details>
  );
}
