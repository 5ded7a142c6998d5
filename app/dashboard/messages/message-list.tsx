/** Messages as the API listed them, newest first. */
import type { ReactNode } from 'react';
import type { ShownMessage } from './message-item';
import { MessageItem } from './message-item';

type List = {
  messages: readonly ShownMessage[];
  /** What the user may do with a message; nothing when left out. */
  actionsFor?: ((message: ShownMessage) => ReactNode) | undefined;
};

export function MessageList({ messages, actionsFor = () => null }: List) {
  return (
    <ol className="border-b border-rule">
      {messages.map((message) => (
        <MessageItem key={message.id} message={message}>
          {actionsFor(message)}
        </MessageItem>
      ))}
    </ol>
  );
}
