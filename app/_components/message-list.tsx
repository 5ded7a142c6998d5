/** Messages, newest first, to be read. */
import type { Message } from '@/lib/api/messages';
import { initialsOf } from './person';
import { PersonPicture } from './person-picture';
import { TimeAgo } from './time-ago';

/** @param me how the signed-in person is called: the API knows them only as the writer */
export function MessageList({ messages, me }: { messages: readonly Message[]; me: string }) {
  return (
    <ol className="border-b border-rule">
      {messages.map((message) => (
        <MessageItem key={message.id} message={message} me={me} />
      ))}
    </ol>
  );
}

function MessageItem({ message, me }: { message: Message; me: string }) {
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
      </article>
    </li>
  );
}
