/** Messages as the API listed them, newest first. */
import type { ShownMessage } from './message-item';
import { MessageItem } from './message-item';

type List = {
  messages: readonly ShownMessage[];
  /** Within `DeletableMessages` only. */
  isDeletable?: boolean;
};

export function MessageList({ messages, isDeletable = false }: List) {
  return (
    <ol className="border-b border-rule">
      {messages.map((message) => (
        <MessageItem key={message.id} message={message} isDeletable={isDeletable} />
      ))}
    </ol>
  );
}
