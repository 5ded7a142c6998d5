'use client';
/** Sends a form to its action, and decides when a post without a response is sent again. */
import { unstable_rethrow } from 'next/navigation';

export type Reply<State> =
  | { kind: 'response'; state: State }
  /** Whether the action ran is not known. `isFailed`: the server said that something broke. */
  | { kind: 'no_response'; error: unknown; isFailed: boolean };

/** @throws Next's redirects, which are responses and lead to another page */
export async function sendForm<State>(post: () => Promise<State>): Promise<Reply<State>> {
  try {
    return { kind: 'response', state: await post() };
  } catch (error) {
    unstable_rethrow(error);
    // Next marks what was thrown on the server with the reference that its log has.
    return { kind: 'no_response', error, isFailed: error instanceof Error && 'digest' in error };
  }
}

/** Growing, and then no more: only the user, or a network that is back, sends it after that. */
const delaysMs = [2_000, 5_000, 15_000, 30_000, 60_000];

export function isSentByItself(tries: number): boolean {
  return tries < delaysMs.length;
}

/**
 * Calls `send` when it is time for the next try, or the network is back.
 * @returns a function that stops waiting
 */
export function whenDue(tries: number, send: () => void): () => void {
  const timer = isSentByItself(tries)
    ? setTimeout(() => navigator.onLine && send(), delaysMs[tries])
    : undefined;
  window.addEventListener('online', send);
  return () => {
    clearTimeout(timer);
    window.removeEventListener('online', send);
  };
}
