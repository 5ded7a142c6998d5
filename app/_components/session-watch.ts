'use client';
/**
 * Notices in one tab that the session of this browser is no longer active, and tells the other tabs to check.
 */

import { withBasePath } from 'strongroom/client';

const channelName = 'strongroom-session';
/** What tabs tell each other: each then asks the server by itself. */
type Message = 'ended' | 'begun';
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
  const checkWhenTold = ({ data }: MessageEvent<Message>) => {
    if (data === 'ended') void check();
  };
  const checkIfSeen = () => {
    if (document.visibilityState === 'visible') void check();
  };
  const checkIfRestored = (event: PageTransitionEvent) => {
    if (event.persisted) void check();
  };
  channel.addEventListener('message', checkWhenTold);
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

/**
 * For a page that asks to sign in: reports when the user has done so in another tab.
 * @returns a function that stops watching
 */
export function watchForSignIn(onSignedIn: () => void): () => void {
  const channel = new BroadcastChannel(channelName);
  const check = async () => {
    if ((await askWhetherSignedOut()) === false) onSignedIn();
  };
  const checkWhenTold = ({ data }: MessageEvent<Message>) => {
    if (data === 'begun') void check();
  };
  const checkIfSeen = () => {
    if (document.visibilityState === 'visible') void check();
  };
  channel.addEventListener('message', checkWhenTold);
  document.addEventListener('visibilitychange', checkIfSeen);
  return () => {
    channel.close();
    document.removeEventListener('visibilitychange', checkIfSeen);
  };
}

export function announceSignOut(): void {
  announce('ended');
}

/** A page for a signed-in user says so to tabs that wait at the sign-in page. */
export function announceSignIn(): void {
  announce('begun');
}

function announce(message: Message): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(message);
  channel.close();
}

/** @returns null when the server did not respond or could not tell, so nothing is known */
async function askWhetherSignedOut(): Promise<boolean | null> {
  try {
    const response = await fetch(withBasePath('/auth/status'), { cache: 'no-store' });
    return response.status === 401 ? true : response.ok ? false : null;
  } catch {
    return null;
  }
}
