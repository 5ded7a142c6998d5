'use client';
/**
 * The messages as they are now, around what shows them: on the first page what is new comes by itself.
 * Without JavaScript they are what the server listed.
 */
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, use, useEffect, useReducer, useRef } from 'react';
import { flushSync } from 'react-dom';
import type { Message } from '@/lib/api/messages';
import { askNewest, type Newest } from './ask-newest';
import { keepInPlace } from './keep-in-place';
import {
  beginLive,
  type Listing,
  type LiveEvent,
  type LiveList,
  listLive,
  maxAdded,
  reduceLive,
} from './live-state';
import { type Me, showMessage } from './message-item';
import { listenForMessages } from './message-stream';
import { onNextInput } from './next-input';

type Live = Listing & {
  me: Me;
  /** When the server listed them: what is newer happened just now. */
  nowSec: number;
};

const LiveContext = createContext<LiveList | null>(null);

export function LiveMessages({ children, ...live }: Live & { children: ReactNode }) {
  const { owner, messages, total, isLive } = live;
  const listing = { owner, messages, total, isLive };
  const [state, dispatch] = useReducer(reduceLive, listing, beginLive);
  if (state.listing.messages !== messages) dispatch({ kind: 'listed', listing });
  const list = listLive(state);
  useStream({ ...live, list, dispatch });
  return <LiveContext value={list}>{children}</LiveContext>;
}

type Stream = Live & { list: LiveList; dispatch: (event: LiveEvent) => void };

function useStream(given: Stream): void {
  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  const router = useRouter();
  const { owner, isLive } = given;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another user has a stream of their own
  useEffect(() => {
    if (!isLive) return;
    const stopped = new AbortController();
    const { signal } = stopped;
    const show = (event: LiveEvent) => keepInPlace(() => flushSync(() => latest.current.dispatch(event)));
    const compare = async () => {
      const newest = await askNewest(signal);
      if (newest !== null && !signal.aborted && isBehind(latest.current.list, newest)) router.refresh();
    };
    const runOnInput = createOnInput(signal);
    let isOpened = false;
    const stop = listenForMessages({
      onMessage: (message: Message) => {
        show({ kind: 'message', message: showMessage(message, latest.current) });
        if (latest.current.list.added >= maxAdded) runOnInput(router.refresh);
      },
      onDeleted: (id) => show({ kind: 'deleted', id }),
      onReload: () => {
        latest.current.dispatch({ kind: 'reload' });
        runOnInput(router.refresh);
      },
      onOpen: () => {
        // The page was opened just now, by its user.
        if (!isOpened) void compare();
        else runOnInput(compare);
        isOpened = true;
      },
    });
    return () => {
      stopped.abort();
      stop();
    };
  }, [owner, isLive, router]);
}

function isBehind({ messages, total, isStale }: LiveList, newest: Newest): boolean {
  return isStale || newest.id !== (messages[0]?.id ?? null) || newest.total !== total;
}

/** However often it is wanted while the user is away, one thing runs when they are back: the last one. */
function createOnInput(signal: AbortSignal): (run: () => void) => void {
  let wanted: (() => void) | null = null;
  return (run) => {
    const isWaiting = wanted !== null;
    wanted = run;
    if (isWaiting) return;
    onNextInput(() => {
      const latest = wanted;
      wanted = null;
      latest?.();
    }, signal);
  };
}

export function useLiveList(): LiveList {
  const list = use(LiveContext);
  if (list === null) throw new Error('Only within LiveMessages.');
  return list;
}
