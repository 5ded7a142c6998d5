/** Versions and ranges of package files, as far as an upgrade has to order them. Pure. @see https://semver.org */

const version = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[\w.-]{1,40})?$/;

export function isVersion(text: string): boolean {
  return version.test(text);
}

/** Below zero when `a` is older; a pre-release is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => {
    const [numbers = '', ...before] = text.split('-');
    return { parts: numbers.split('.').map(Number), before: before.join('-') };
  });
  if (left === undefined || right === undefined) return 0;
  for (const index of [0, 1, 2]) {
    const difference = (left.parts[index] ?? 0) - (right.parts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.before === '' || right.before === '') return right.before.length - left.before.length;
  return left.before.localeCompare(right.before, 'en', { numeric: true });
}

/** The range that begins later, of two such as `^16.4.6`; null when they are of another shape. */
export function laterRange(a: string, b: string): string | null {
  const [first, second] = [a, b].map((range) => range.replace(/^[\^~]/, ''));
  if (first === undefined || second === undefined || !isVersion(first) || !isVersion(second)) return null;
  return compareVersions(first, second) >= 0 ? a : b;
}
