'use client';
/**
 * Changes the list without moving what the user is doing in it. Browsers hold a page still that has been scrolled; at its very top they do
 * not, and there a button must not move away under the finger.
 */

export function keepInPlace(change: () => void): void {
  const held = window.scrollY === 0 ? findHeld() : null;
  const before = held?.getBoundingClientRect().top ?? 0;
  change();
  if (held?.isConnected !== true) return;
  const movedBy = held.getBoundingClientRect().top - before;
  if (movedBy !== 0) window.scrollBy({ top: movedBy, behavior: 'instant' });
}

/** What has the focus in the list, or was opened in it. */
function findHeld(): Element | null {
  const list = document.querySelector('[data-live-list]');
  const focused = document.activeElement;
  return focused !== null && list?.contains(focused)
    ? focused
    : (list?.querySelector('details[open]') ?? null);
}
