'use client';
/**
 * Says that the session is about to end, while there is still time to finish a sentence, and notices when it has ended elsewhere: then the page
 * goes, unless the user is writing on it. It covers nothing and moves nothing.
 */
import { useEffect, useState } from 'react';
import { listenForEnding, setSessionOver } from './session-ending';

const announcedSec = 5 * 60;

export function EndingSoon({ endsInSec, signInHref }: { endsInSec: number; signInHref: string }) {
  const secondsLeft = useSecondsLeft(endsInSec);
  const leftSec = useEndedElsewhere() ? 0 : secondsLeft;
  const isShown = leftSec <= announcedSec;
  return (
    <div role="status" className="fixed inset-x-0 bottom-0">
      {isShown ? (
        <p className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-4 border-t border-ink bg-paper px-4 py-1 sm:px-8">
          {sayLeft(leftSec)}
          {/* In a tab of its own: what is being written here stays. */}
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

/** True once the session is over; a page with nothing unsent on it is loaded again instead, and asks to sign in. */
function useEndedElsewhere(): boolean {
  const [hasEnded, setHasEnded] = useState(false);
  useEffect(() => {
    const stop = listenForEnding((isOver) => {
      if (isOver && !hasUnsentText()) window.location.reload();
      else setHasEnded(isOver);
      // What was fetched for this user stays hidden: the next one who signs in may be another.
      if (isOver) setSessionOver(true);
    });
    return () => {
      stop();
      setSessionOver(false);
    };
  }, []);
  return hasEnded;
}

function hasUnsentText(): boolean {
  if (typeof document === 'undefined') return false;
  return [...document.querySelectorAll('textarea')].some(({ value }) => value.trim() !== '');
}

/** Counts by the browser's steady clock from the moment of rendering: a wrong wall clock says nothing wrong. */
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
