'use client';
/** What shows the messages as they are now, within `LiveMessages`. */
import { useLiveList } from './live-messages';
import { MessageList } from './message-list';
import { sayAdded, sayEmpty, sayTotal } from './message-words';

export function LiveTotal() {
  return sayTotal(useLiveList().total);
}

export function LiveList({ isDeletable, page }: { isDeletable: boolean; page: number }) {
  const { messages, added } = useLiveList();
  return (
    <div data-live-list>
      <p role="status" className="sr-only">
        {sayAdded(added)}
      </p>
      {messages.length > 0 ? (
        <MessageList messages={messages} isDeletable={isDeletable} />
      ) : (
        <p className="text-soft">{sayEmpty(page)}</p>
      )}
    </div>
  );
}
