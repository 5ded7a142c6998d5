/** Resident memory of another process, as Linux tells it. */
import { readFileSync } from 'node:fs';

/** In megabytes; 0 where it cannot be read. @see proc(5), VmRSS */
export function readResidentMb(pid: number): number {
  return readStatusMb(pid, 'VmRSS');
}

/** The most that it had since it started, in megabytes. @see proc(5), VmHWM */
export function readPeakMb(pid: number): number {
  return readStatusMb(pid, 'VmHWM');
}

function readStatusMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(`${field}:\\s+(\\d+) kB`) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}
