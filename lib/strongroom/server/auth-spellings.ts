/**
 * Finds addresses that resemble a route below `/auth` and are none. Next's page for unknown addresses repeats
 * the query in its data, and with it an authorization code. Pure.
 * @see RFC 9700 §4.2.4
 */
import { authRoutes } from './validate-request';

/** Software on the way may decode an address once more than the one before it. */
const maxDecodings = 4;

/** Whether `target` resembles a route below `/auth`, in any spelling but the one that Next serves. */
export function isNearAuthRoute(target: string): boolean {
  const written = target.split('?', 1)[0] ?? '';
  if (authRoutes.includes(written.replace(/\/$/, ''))) return false;
  const names = readLeniently(written);
  return names[0] === 'auth' || names.some((name, at) => name === 'auth' && names[at + 1] === 'callback');
}

/** The names in a path, as whoever decodes, resolves and folds the most would read them. */
function readLeniently(written: string): string[] {
  const path = decodeRepeatedly(written).normalize('NFKC').toLowerCase().replaceAll('\\', '/');
  const names: string[] = [];
  for (const segment of path.split(/[/?#]/)) {
    // Parameters of a segment, and what file systems and proxies cut from its end.
    // Up to the last letter: an expression for what follows would be tried from every character.
    const name = /^.*\p{L}/su.exec(segment.replace(/;.*/s, ''))?.[0] ?? '';
    if (segment === '..') names.pop();
    else if (name !== '') names.push(name);
  }
  return names;
}

function decodeRepeatedly(text: string): string {
  let decoded = text;
  for (let count = 0; count < maxDecodings && decoded.includes('%'); count += 1)
    decoded = decoded.replace(/(?:%[\da-f]{2})+/gi, decodeOrKeep);
  return decoded;
}

function decodeOrKeep(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
