'use client';
/**
 * Notices in one tab that the session of this browser is no longer active, and tells the other tabs to check.
 */

const channelName = 'strongroom-session';
const pollMs = 60_000;
/** On the document: hides what is marked `data-private` (globals.css). */
const expiredAttribute = 'data-session-expired';

/** Hides what was fetched for the user, or shows it again. */
export function setSessionExpired(isExpired: boolean): void {
  document.documentElement.toggleAttribute(expiredAttribute, isExpired);
}

export function isSessionExpired(): boolean {
  return document.documentElement.hasAttribute(expiredAttribute);
}

/**
 * Reports after every check whether the user is signed out; they may sign in again in another tab.
 * @returns a function that stops watching
 */
export function watchSession(onCheck: (isSignedOut: boolean) => void): () => void {
  const channel = new BroadcastChannel(channelName);
  const check = async () => {
    const isSignedOut = await askWhetherSignedOut();
    if (isSignedOut !== null) onCheck(isSignedOut);
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

/** The message says only that it is time to check: each tab asks the server by itself. */
export function announceSignOut(): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage('ended');
  channel.close();
}

/** @returns null when the server did not respond, so nothing is known */
async function askWhetherSignedOut(): Promise<boolean | null> {
  try {
    const response = await fetch('/auth/status', { cache: 'no-store' });
    return response.status === 401;
  } catch {
    return null;
  }
}
