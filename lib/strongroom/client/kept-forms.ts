'use client';
/**
 * What a user has typed and not sent, in this browser's local storage: under their pseudonym, so that no
 * other user of the browser is shown it, and for a day. Signing out clears it (`Clear-Site-Data`).
 */
import { basePath } from '../base/base-path';
import { nowMs } from '../base/clock';

export type KeptName = {
  /** Pseudonym of the user who types. */
  owner: string;
  /** Names the form among those of the application. */
  form: string;
};

export type KeptText = {
  /** The idempotency key that goes with the text. */
  key: string;
  fields: Readonly<Record<string, string>>;
  /** It was sent, and no response came. */
  hasNoResponse: boolean;
  /** It is sent as soon as the page has been loaded again. */
  isDue: boolean;
};

/** Applications below other paths of the host share its storage. */
const prefix = `strongroom-kept${basePath()}:`;
const keptMs = 24 * 60 * 60 * 1_000;
const maxChars = 200_000;

/**
 * Forgets what `useKeptForm` keeps of one form, where its text was sent in another way. No page forgets all of
 * them: another site could lead there.
 * @example
 * useEffect(() => forgetKeptForm({ owner, form: 'new-invoice' }), [owner]);
 */
export function forgetKeptForm(name: KeptName): void {
  withStorage((storage) => storage.removeItem(itemOf(name)));
}

export function readKeptText(name: KeptName): KeptText | null {
  const text = withStorage((storage) => storage.getItem(itemOf(name))) ?? null;
  const kept = text === null ? null : parseKept(text);
  return kept !== null && kept.endsAtMs > nowMs() ? kept.text : null;
}

/** @returns false when the browser does not store it */
export function writeKeptText(name: KeptName, text: KeptText): boolean {
  const item = JSON.stringify({ text, endsAtMs: nowMs() + keptMs });
  if (item.length > maxChars) return false;
  const isStored = withStorage((storage) => {
    storage.setItem(itemOf(name), item);
    return true;
  });
  return isStored ?? false;
}

function itemOf({ owner, form }: KeptName): string {
  return `${prefix}${owner}:${form}`;
}

/** Storage may be off, full or forbidden; then nothing is kept. */
function withStorage<T>(use: (storage: Storage) => T): T | null {
  try {
    return use(window.localStorage);
  } catch {
    return null;
  }
}

function parseKept(text: string): { text: KeptText; endsAtMs: number } | null {
  try {
    const { text: kept, endsAtMs } = JSON.parse(text) as { text: KeptText; endsAtMs: number };
    const isKept =
      typeof kept.key === 'string' && Object.values(kept.fields).every((value) => typeof value === 'string');
    return isKept && typeof endsAtMs === 'number' ? { text: kept, endsAtMs } : null;
  } catch {
    return null;
  }
}
