/** Messages, newest first, to be read. */
import type { Message } from '@/lib/api/messages';
import { initialsOf } from './person';
import { PersonPicture } from './person-picture';
import { TimeAgo } from './time-ago';

export function MessageList({ messages }: { messages: readonly Message[] }) {
  return (
    <ol className="border-b border-rule">
      {messages.map((message) => (
        <MessageItem key={message.id} message={message} />
      ))}
    </ol>
  );
}

function MessageItem({ message }: { message: Message }) {
  const { author, isMine, createdAt, text } = message;
  const name = author || 'No name';
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
      </article>
    </li>
  );
}
