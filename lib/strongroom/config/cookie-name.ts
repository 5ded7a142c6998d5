/** What the names of all cookies begin with. Pure. */
import { z } from 'zod';

// Without a dot, which stands before the number of a part, and an underscore, which stands before a port.
export const cookieName = z
  .string()
  .trim()
  .refine(
    (value) => /^[a-z][a-z\d-]{0,31}$/i.test(value),
    'must be 1 to 32 letters, digits and hyphens, and begin with a letter',
  );

/**
 * Ports and paths of one host share their cookies (`__Host-` has the path `/`), so two applications there need
 * two names. No two addresses of a host have the same one. @see RFC 6265 §8.5
 */
export function nameCookies(choice: string, { port, pathname }: URL): string {
  if (choice !== 'auto') return choice;
  const path = pathname.replace(/\/$/, '').replace(/[-_/]/g, (found) => separators[found] ?? '');
  return port === '' && path === '' ? 'strongroom' : `strongroom_${port}${path}`;
}

/** A hyphen stands between the name and what we append to it. A base path has never two of these in a row. */
const separators: Readonly<Record<string, string>> = { '/': '_', '-': '__', _: '___' };
