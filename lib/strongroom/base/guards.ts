/** Small type guards for values that come from outside. Pure. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/**
 * `value` without control characters and bidirectional overrides, trimmed and cut to `maxChars`; null when
 * nothing is left.
 */
export function readPlainText(value: unknown, maxChars: number): string | null {
  if (typeof value !== 'string') return null;
  const plain = value
    .slice(0, maxChars * 4)
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
  return plain === '' ? null : Array.from(plain).slice(0, maxChars).join('');
}
