/** What a process has spent, and figures of many rounds. Reads `/proc`, so it needs Linux. */
import { readFileSync } from 'node:fs';

/** Linux counts CPU in hundredths of a second. @see proc(5), sysconf(_SC_CLK_TCK) */
const msPerTick = 10;

/** User and system time of all threads of a process so far: fields 14 and 15 of its line. */
export function readCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? 0;
}

/** `1.12 (1.09–1.15)`: the median, and between which two values half of the rounds are. */
export function sayMedian(values: readonly number[], digits = 2): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((at) => quantile(values, at).toFixed(digits));
  return `${middle} (${low}–${high})`;
}
