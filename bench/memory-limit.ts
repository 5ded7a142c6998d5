/** A limit for the memory of one process, as a container has it: where Linux and the rights of the caller allow one. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type MemoryLimit = {
  /** What `start` spawns before it waits for anything is within the limit, from its first byte on. */
  around<T>(start: () => T): T;
  /** The most that the processes had, with what the kernel keeps of their files, in megabytes. */
  readPeakMb(): number;
  /** After they have ended. */
  remove(): void;
};

const versions = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
];

/** @returns null where no limit can be set; @see cgroups(7), version 1 and 2 */
export function limitMemory(megabytes: number): MemoryLimit | null {
  const version = versions.find(({ root }) => existsSync(join(root, 'cgroup.procs')));
  if (version === undefined) return null;
  const { root, limit, peak } = version;
  const folder = join(root, `strongroom-bench-${process.pid}`);
  const enter = (group: string) => writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, limit), String(megabytes * 1024 ** 2));
    enter(folder);
    enter(root);
  } catch {
    if (existsSync(folder)) rmdirSync(folder);
    return null;
  }
  return {
    around(start) {
      enter(folder);
      try {
        return start();
      } finally {
        enter(root);
      }
    },
    readPeakMb: () => Math.round(Number(readFileSync(join(folder, peak), 'utf8')) / 1024 ** 2),
    remove: () => rmdirSync(folder),
  };
}
