/**
 * The header in which Next's router says which parts of a page its browser has. Next sends a bare 500 for one that it
 * cannot read. Pure.
 */

/** As Next bounds it. */
const maxChars = 40_000;
const maxDepth = 100;

/** Whether it has the shape of Next's: a segment, and by the name of its slot the same for what is within. */
export function isRouterState(header: string): boolean {
  if (header.length > maxChars) return false;
  try {
    return isTree(JSON.parse(decodeURIComponent(header)), 0);
  } catch {
    return false;
  }
}

/** What follows the first two is left to Next, which may add to it. */
function isTree(value: unknown, depth: number): boolean {
  if (!Array.isArray(value) || depth > maxDepth) return false;
  const [segment, within]: unknown[] = value;
  if (typeof segment !== 'string' && !Array.isArray(segment)) return false;
  if (typeof within !== 'object' || within === null || Array.isArray(within)) return false;
  return Object.values(within).every((one) => isTree(one, depth + 1));
}
