'use client';
/**
 * Hears of new and deleted messages while the page is seen. The browser's `EventSource` comes back by itself
 * with `Last-Event-ID`; what it gives up on is tried again slowly, and not at all once the session is over.
 * @see WHATWG HTML §9.2
 */
import { withBasePath } from 'strongroom/client';
import { isSessionExpired } from '@/app/_components/session-watch';
import type { Message } from '@/lib/api/messages';
import { onNextInput } from './next-input';
import { readDeletedId, readMessage } from './read-event';

export type MessageListener = {
  onMessage: (message: Message) => void;
  onDeleted: (id: string) => void;
  /** The API cannot tell what was missed: the list must be read again. */
  onReload: () => void;
  /** Hears from now on: something may have been missed before. */
  onOpen: () => void;
};

const address = withBasePath('/api/gateway/messages/stream');
const maxFailures = 5;
const pauseMs = { first: 30_000, longest: 300_000 };

/** @returns what ends it */
export function listenForMessages(listener: MessageListener): () => void {
  const stopped = new AbortController();
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout>;
  let nextPauseMs = pauseMs.first;
  let waiting = new AbortController();

  function close(): void {
    source?.close();
    source = null;
    clearTimeout(timer);
    waiting.abort();
    waiting = new AbortController();
  }

  function open(): void {
    close();
    if (document.visibilityState === 'hidden' || isSessionExpired()) return;
    source = connect(listener, {
      onSuccess: () => {
        nextPauseMs = pauseMs.first;
      },
      onFailure: pause,
    });
  }

  /** A page that nobody looks at asks no more: only its user's next move does. */
  function pause(): void {
    close();
    const { signal } = waiting;
    timer = setTimeout(() => onNextInput(open, signal), nextPauseMs);
    nextPauseMs = Math.min(nextPauseMs * 2, pauseMs.longest);
  }

  // An open connection would take one of the few that a browser has for a site from the pages that are seen.
  document.addEventListener('visibilitychange', open, { signal: stopped.signal });
  open();
  return () => {
    stopped.abort();
    close();
  };
}

type Connection = { onSuccess: () => void; onFailure: () => void };

function connect(listener: MessageListener, { onSuccess, onFailure }: Connection): EventSource {
  const source = new EventSource(address);
  let failures = 0;
  const hear = (event: string, tell: (data: string) => void) =>
    source.addEventListener(event, ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string' && !isSessionExpired()) tell(data);
    });
  hear('message', (data) => {
    const message = readMessage(data);
    if (message !== null) listener.onMessage(message);
  });
  hear('deleted', (data) => {
    const id = readDeletedId(data);
    if (id !== null) listener.onDeleted(id);
  });
  hear('reload', () => listener.onReload());
  source.addEventListener('open', () => {
    failures = 0;
    onSuccess();
    listener.onOpen();
  });
  source.addEventListener('error', () => {
    failures += 1;
    if (source.readyState === EventSource.CLOSED || failures >= maxFailures) onFailure();
  });
  return source;
}
