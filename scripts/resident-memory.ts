/** Resident memory of another process, as Linux tells it. */
import { readFileSync } from 'node:fs';

/** In megabytes; 0 where it cannot be read. @see proc(5), VmRSS */
export function readResidentMb(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}
