/** One message, to be read: rendered by the server, or in the browser when it has just arrived. */
import type { ReactNode } from 'react';
import { Portrait } from '@/app/_components/portrait';
import { type SaidTime, sayTime } from '@/app/_components/time-words';
import { initialsOf } from '@/app/_components/user-name';
import type { Message } from '@/lib/api/messages';

export type ShownMessage = Pick<Message, 'id' | 'isMine' | 'text' | 'createdAt'> & {
  name: string;
  /** Of the signed-in user alone: the API knows no pictures of others. */
  picture: string | null;
  /** Said once, where the message is read: browsers and servers do not word times alike. */
  time: SaidTime;
};

/** What the signed-in user is called and looks like: the API knows them only as the writer. */
export type Me = { name: string; picture: string | null };

export function showMessage(message: Message, { me, nowSec }: { me: Me; nowSec: number }): ShownMessage {
  const { author, id, isMine, text, createdAt } = message;
  const { name, picture } = isMine ? me : { name: author || 'No name', picture: null };
  return { id, isMine, text, createdAt, name, picture, time: sayTime(createdAt, nowSec, true) };
}

/** @param children what the user may do with it */
export function MessageItem({ message, children }: { message: ShownMessage; children?: ReactNode }) {
  const { name, picture, isMine, text, time } = message;
  return (
    <li className="flex gap-3 border-t border-rule py-4">
      <Portrait initials={initialsOf(name)} source={picture} />
      <article className="min-w-0 max-w-prose grow">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold">{isMine ? `${name} (you)` : name}</span>
          <span className="text-small text-soft">
            <time dateTime={time.iso} title={time.exactly}>
              {time.words}
            </time>
          </span>
        </p>
        <p className="mt-1 whitespace-pre-wrap">{text}</p>
        {children}
      </article>
    </li>
  );
}
