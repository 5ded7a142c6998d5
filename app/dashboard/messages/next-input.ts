'use client';
/**
 * Waits for a sign that the user is there. What a page asks for by itself must not count as its user's doing,
 * or a page that was left open would keep the session from ending when idle.
 */

const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** Runs once, unless it is aborted before. */
export function onNextInput(run: () => void, signal: AbortSignal): void {
  const heard = new AbortController();
  const options = { signal: AbortSignal.any([signal, heard.signal]), passive: true, capture: true };
  const hear = () => {
    heard.abort();
    run();
  };
  for (const sign of signs) window.addEventListener(sign, hear, options);
}
