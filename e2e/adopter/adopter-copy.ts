/** A copy of this repository in which an adopter has put an application of their own in place of the sample. */
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { copyRepository } from '../../scripts/repository-copy.ts';

const root = join(import.meta.dirname, '../..');
const overlay = join(import.meta.dirname, 'overlay');

/** What an adopter deletes, as patterns of paths: the pages and resources of the sample, and what tests them. */
export const removed = readFileSync(join(import.meta.dirname, 'removed.txt'), 'utf8')
  .trim()
  .split('\n');

/** What an adopter writes, as paths of the copy. */
export function listWritten(): string[] {
  return globSync('**/*', { cwd: overlay, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(overlay, join(entry.parentPath, entry.name)));
}

/** What `pattern` of `removed` means in this repository. */
export function listRemoved(pattern: string): string[] {
  return globSync(pattern, { cwd: root });
}

export function makeAdopterCopy(): string {
  const copy = copyRepository();
  for (const path of globSync(removed, { cwd: copy })) rmSync(join(copy, path), { recursive: true });
  cpSync(overlay, copy, { recursive: true });
  return copy;
}
