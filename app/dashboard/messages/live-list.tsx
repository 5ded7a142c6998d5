'use client';
/** What shows the messages as they are now, within `LiveMessages`. */
import { DeleteMessage } from './delete-message';
import { useLiveList } from './live-messages';
import { MessageList } from './message-list';
import { sayAdded, sayEmpty, sayTotal } from './message-words';

export function LiveTotal() {
  return sayTotal(useLiveList().total);
}

/** @param isDeletable within `DeletableMessages` only */
export function LiveList({ isDeletable, page }: { isDeletable: boolean; page: number }) {
  const { messages, added } = useLiveList();
  return (
    <div data-live-list>
      <p role="status" className="sr-only">
        {sayAdded(added)}
      </p>
      {messages.length > 0 ? (
        <MessageList
          messages={messages}
          actionsFor={isDeletable ? ({ id }) => <DeleteMessage id={id} /> : undefined}
        />
      ) : (
        <p className="text-soft">{sayEmpty(page)}</p>
      )}
    </div>
  );
}
