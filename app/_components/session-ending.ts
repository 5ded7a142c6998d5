'use client';
/** How the tabs of one browser tell each other that the session ended, and how each makes sure. */

const channelName = 'strongroom-session';
const pollMs = 60_000;
/** On the document: hides what is marked `data-private` (globals.css). */
const overAttribute = 'data-session-over';

/** Hides what was fetched for the user, or shows it again. */
export function setSessionOver(isOver: boolean): void {
  document.documentElement.toggleAttribute(overAttribute, isOver);
}

export function isSessionOver(): boolean {
  return document.documentElement.hasAttribute(overAttribute);
}

/** Says with every look whether the session is over: it may begin again, in another tab. @returns what ends the listening */
export function listenForEnding(onLook: (isOver: boolean) => void): () => void {
  const channel = new BroadcastChannel(channelName);
  const check = async () => {
    const isOver = await askWhetherOver();
    if (isOver !== null) onLook(isOver);
  };
  const checkIfSeen = () => {
    if (document.visibilityState === 'visible') void check();
  };
  const checkIfRestored = (event: PageTransitionEvent) => {
    if (event.persisted) void check();
  };
  channel.addEventListener('message', check);
  document.addEventListener('visibilitychange', checkIfSeen);
  window.addEventListener('pageshow', checkIfRestored);
  const timer = setInterval(checkIfSeen, pollMs);
  return () => {
    clearInterval(timer);
    channel.close();
    document.removeEventListener('visibilitychange', checkIfSeen);
    window.removeEventListener('pageshow', checkIfRestored);
  };
}

/** The other tabs look for themselves: what they are told is only that it is worth asking. */
export function announceEnding(): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage('ended');
  channel.close();
}

/** null: there was no answer, and nothing is known. */
async function askWhetherOver(): Promise<boolean | null> {
  try {
    const response = await fetch('/auth/status', { cache: 'no-store' });
    return response.status === 401;
  } catch {
    return null;
  }
}
