'use client';
/**
 * Changes the list without moving what the user is doing in it: a button must not move away under the finger.
 * Browsers hold a page still only for what appears above the part that is seen.
 */

export function keepInPlace(change: () => void): void {
  const held = findHeld();
  if (held === null) {
    change();
    return;
  }
  const { style } = document.documentElement;
  // Otherwise the browser might move it a second time.
  style.overflowAnchor = 'none';
  const before = held.getBoundingClientRect().top;
  change();
  if (held.isConnected)
    window.scrollBy({ top: held.getBoundingClientRect().top - before, behavior: 'instant' });
  requestAnimationFrame(() => requestAnimationFrame(() => style.removeProperty('overflow-anchor')));
}

/** What has the focus in the list, or was opened in it. */
function findHeld(): Element | null {
  const list = document.querySelector('[data-live-list]');
  const focused = document.activeElement;
  return focused !== null && list?.contains(focused)
    ? focused
    : (list?.querySelector('details[open]') ?? null);
}
