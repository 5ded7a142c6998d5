/** The files of a build's output by their hashes, and where two builds of the same sources may differ. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What is at random in every build. The application has no preview mode, so nobody asks for what these keys protect. */
const randomByDesign: Readonly<Record<string, string>> = {
  '.next/prerender-manifest.json': 'holds the keys of the preview mode, which Next makes at random',
  '.next/server/preview-props.json': 'holds the keys of the preview mode, which Next makes at random',
};

/** SHA-256 by path; of a link, of what it points to. */
export function digestBuild(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
      const name = relative(folder, path).replaceAll('\\', '/');
      return [name, createHash('sha256').update(content).digest('hex')] as const;
    });
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export type Difference = { path: string; reason: string | null };

/** Files that are different or missing; with the reason, where that is known. */
export function compareBuilds(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): Difference[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])].toSorted();
  return paths
    .filter((path) => one.get(path) !== other.get(path))
    .map((path) => {
      const isInBoth = one.has(path) && other.has(path);
      return { path, reason: isInBoth ? (randomByDesign[path] ?? null) : null };
    });
}
