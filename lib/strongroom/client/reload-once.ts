'use client';
/**
 * After a deployment, open pages ask for scripts and actions of the build before, which are gone: the page is
 * loaded again, once, and never in a loop.
 */
import { unstable_isUnrecognizedActionError } from 'next/navigation';
import { nowMs } from '../base/clock';

const reloadedAtItem = 'strongroom-reloaded-at';
/** An error that comes back sooner is not cured by loading the page again. */
const onceMs = 60_000;

/**
 * Loads the page again when the error says that it belongs to an older build. For error pages, in an effect.
 * @returns whether it is being loaded again
 * @example
 * useEffect(() => void reloadIfOutdated(error), [error]);
 */
export function reloadIfOutdated(error: unknown): boolean {
  return isOutdated(error) && reloadOnce();
}

function isOutdated(error: unknown): boolean {
  return (
    unstable_isUnrecognizedActionError(error) || (error instanceof Error && error.name === 'ChunkLoadError')
  );
}

function reloadOnce(): boolean {
  try {
    const reloadedAtMs = Number(window.sessionStorage.getItem(reloadedAtItem));
    if (nowMs() - reloadedAtMs < onceMs) return false;
    window.sessionStorage.setItem(reloadedAtItem, String(nowMs()));
  } catch {
    // What was cured already could not be told.
    return false;
  }
  window.location.reload();
  return true;
}
