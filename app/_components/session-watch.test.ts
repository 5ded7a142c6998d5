import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchForSignIn, watchSession } from './session-watch';

/** What the page hears of after each check, and how the server responds to the next one. */
let seen: unknown[];
let respond: () => Response;
let checks: number;
let stop: (() => void) | null;

/** Events of a document that is in view. */
class VisibleDocument extends EventTarget {
  readonly visibilityState = 'visible';
}

beforeEach(() => {
  [seen, checks, stop] = [[], 0, null];
  vi.stubGlobal('document', new VisibleDocument());
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('fetch', async () => {
    checks += 1;
    return respond();
  });
});
afterEach(() => {
  stop?.();
  vi.unstubAllGlobals();
});

/** The tab is shown again, and the check that follows is over. */
async function check(next: () => Response): Promise<void> {
  respond = next;
  const before = checks;
  document.dispatchEvent(new Event('visibilitychange'));
  expect(checks).toBe(before + 1);
  await new Promise((resolve) => setImmediate(resolve));
}

const status = (code: number) => () => new Response(null, { status: code });
const isOffline = () => {
  throw new TypeError('Failed to fetch');
};

it('SE-15: a status that is not known changes nothing on a page: it stays hidden or shown', async () => {
  stop = watchSession((isSignedOut) => seen.push(isSignedOut));
  for (const unknown of [status(503), status(429), isOffline]) await check(unknown);
  expect(seen).toEqual([]);
  await check(status(401));
  await check(status(503));
  expect(seen).toEqual([true]);
  await check(status(204));
  expect(seen).toEqual([true, false]);
});

it('SE-15: the page that asks to sign in leads on for a session that is known to be active, and for nothing else', async () => {
  stop = watchForSignIn(() => seen.push('signed in'));
  for (const other of [status(503), status(401), isOffline]) await check(other);
  expect(seen).toEqual([]);
  await check(status(204));
  expect(seen).toEqual(['signed in']);
});
