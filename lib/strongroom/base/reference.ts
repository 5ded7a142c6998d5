/**
 * The short number that a user reads out and an operator finds in the log. It is random: it holds no secret
 * and no meaning.
 */
import { randomInt } from 'node:crypto';

// No vowels and no look-alikes: a reference never spells a word and survives being read over the phone.
const alphabet = '23456789BCDFGHJKMNPQRSTVWXZ';

/** Eight characters in two groups, such as `7KXM-Q2DZ`: about 38 bits. */
export function newReference(): string {
  const characters = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${characters.slice(0, 4)}-${characters.slice(4)}`;
}

/**
 * The reference in `value` if it has the shape of one, else null: what comes back in a URL is not trusted.
 */
export function readReference(value: unknown): string | null {
  return typeof value === 'string' && /^[2-9A-Z]{4}-[2-9A-Z]{4}$/.test(value) ? value : null;
}
