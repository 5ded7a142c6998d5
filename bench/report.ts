/**
 * Figures as aligned lines, and what lies beneath them. Pure but for `countRejections`, which reads a log.
 */
import type { TestStack } from '../e2e/support/test-stack.ts';

export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of rows)
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

/** Refresh tokens that the authorization server rejected, by its own log. */
export function countRejections({ lines }: TestStack): number {
  return lines.filter(
    ({ server, line }) =>
      server === 'authorization server' && /"event":"(reuse_detected|invalid_token)"/.test(line),
  ).length;
}

/**
 * What the application had to say besides: events of warnings and errors with their reasons, and how often.
 */
export function listTroubles({ appEvents }: TestStack): string[] {
  const counts = new Map<string, number>();
  for (const { level, event, reason } of appEvents()) {
    if (level === 'info' || event === 'store_in_memory') continue;
    const name = [event, reason].filter(Boolean).join(' ');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name}: ${count}`);
}
