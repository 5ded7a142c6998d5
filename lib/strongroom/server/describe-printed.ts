/** One line of text from whatever was printed. Pure. */

const maxReadChars = 2_000;
const maxTextChars = 200;

/** What was printed, without what may come from outside: quotations, queries of addresses, long words. */
export function describePrinted(parts: readonly unknown[]): string {
  const texts = parts.map((part) =>
    part instanceof Error
      ? `${part.name}: ${part.message}`
      : typeof part === 'string'
        ? part
        : `(${typeof part})`,
  );
  return texts
    .join(' ')
    .slice(0, maxReadChars)
    .replace(/\p{Cc}\[[\d;]*m/gu, '')
    .replace(/"[^"]*"|`[^`]*`|\B'[^']*'/g, '"…"')
    .replace(/\?\S*/g, '?')
    .replace(/[^\x20-\x7e…]+/g, ' ')
    .replace(/\S{40,}/g, '…')
    .trim()
    .slice(0, maxTextChars);
}
