/**
 * Words of another server for the operator's log: what may be in them that the log must not hold is left out.
 * Pure.
 */
import { readPlainText } from './guards';

const maxChars = 200;

/** Parts of tokens, other long secrets, and e-mail addresses. */
const unwanted = /\bey[\w-]+\.[\w.-]+|[\w-]{40,}|[^\s@]{1,64}@[^\s@]{1,64}/g;

/** The words as one short line; undefined when there are none. */
export function cleanWords(value: unknown): string | undefined {
  const line = typeof value === 'string' ? readPlainText(value.replace(/\s+/g, ' '), maxChars) : null;
  return line?.replace(unwanted, '[removed]');
}
