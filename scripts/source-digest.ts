/**
 * One hash over all that a build is made of, which is also its id (next.config.js): the same sources give the same
 * output, in another folder and without Git too.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What an image is built of too (.dockerignore). Tests are no part of a build. */
export const sources = [
  'app',
  'lib',
  'public',
  'scripts',
  'instrumentation.ts',
  'next.config.js',
  'package.json',
  'package-lock.json',
  'postcss.config.mjs',
  'proxy.ts',
  'tsconfig.json',
];
const isTest = (path: string) => /\.test\.ts$/.test(path);
/** What `npm pack` leaves behind when it breaks off. */
const isPacked = (path: string) => /^lib\/strongroom\/(dist\/|LICENSE$)/.test(path);

export type SourceDigest = { sha256: string; buildId: string };

/** @param env whose base path and public variables Next writes into the output */
export function digestSources(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): SourceDigest {
  const hash = createHash('sha256');
  const write = (name: string, value: string | Buffer) =>
    hash.update(`${name}\0${createHash('sha256').update(value).digest('hex')}\n`);
  for (const path of sources.flatMap((name) => listFiles(folder, name)).toSorted())
    write(path, readFileSync(join(folder, path)));
  const written = Object.keys(env).filter((name) => name === 'BASE_PATH' || name.startsWith('NEXT_PUBLIC_'));
  for (const name of written.toSorted()) if (env[name]?.trim()) write(name, env[name]?.trim() ?? '');
  const sha256 = hash.digest('hex');
  // Blockers of advertisements hold up addresses with "ad".
  return { sha256, buildId: sha256.slice(0, 32).replaceAll('a', 'g') };
}

function listFiles(folder: string, name: string): string[] {
  const path = join(folder, name);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [name];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !isTest(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !isPacked(path));
}
