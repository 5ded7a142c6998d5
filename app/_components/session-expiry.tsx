'use client';
/**
 * Announces that the session expires soon, while there is still time to finish a sentence. When the user
 * signed out elsewhere, it reloads the page, unless there is unsent text on it. It covers no part of the page
 * and moves none.
 */
import { useEffect, useState } from 'react';
import { announceSignIn, setSessionExpired, watchSession } from './session-watch';

const announcedSec = 5 * 60;

export function SessionExpiry({ endsInSec, signInHref }: { endsInSec: number; signInHref: string }) {
  const secondsLeft = useSecondsLeft(endsInSec);
  const leftSec = useSignedOutElsewhere() ? 0 : secondsLeft;
  const isShown = leftSec <= announcedSec;
  useEffect(announceSignIn, []);
  return (
    <div role="status" className="fixed inset-x-0 bottom-0">
      {isShown ? (
        <p className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-4 border-t border-ink bg-paper px-4 py-1 sm:px-8">
          {sayLeft(leftSec)}
          {/* In a new tab, so that unsent text on this page is kept. */}
          <a
            href={signInHref}
            target="_blank"
            className="link inline-flex min-h-11 items-center"
            rel="noopener"
          >
            Sign in again (new tab)
          </a>
        </p>
      ) : null}
    </div>
  );
}

/** True once the user is signed out. A page without unsent text is reloaded instead, and asks to sign in. */
function useSignedOutElsewhere(): boolean {
  const [isSignedOut, setIsSignedOut] = useState(false);
  useEffect(() => {
    const stop = watchSession((isSignedOutNow) => {
      if (isSignedOutNow && !hasUnsentText()) window.location.reload();
      else setIsSignedOut(isSignedOutNow);
      // Data of this user is hidden from now on, because the next user of this browser may be another one.
      if (isSignedOutNow) setSessionExpired(true);
    });
    return () => {
      stop();
      setSessionExpired(false);
    };
  }, []);
  return isSignedOut;
}

function hasUnsentText(): boolean {
  if (typeof document === 'undefined') return false;
  return [...document.querySelectorAll('textarea')].some(({ value }) => value.trim() !== '');
}

/** Counts down on the browser's monotonic clock, so that a wrong system time does not matter. */
function useSecondsLeft(endsInSec: number): number {
  const [leftSec, setLeftSec] = useState(endsInSec);
  useEffect(() => {
    const startedMs = performance.now();
    const update = () => setLeftSec(endsInSec - Math.floor((performance.now() - startedMs) / 1000));
    update();
    const timer = setInterval(update, 15_000);
    return () => clearInterval(timer);
  }, [endsInSec]);
  return leftSec;
}

function sayLeft(leftSec: number): string {
  if (leftSec <= 0)
    return `Your session has ended.${hasUnsentText() ? ' What you wrote is still here.' : ''}`;
  const minutes = Math.ceil(leftSec / 60);
  return `Your session ends in ${minutes === 1 ? 'one minute' : `${minutes} minutes`}.`;
}
