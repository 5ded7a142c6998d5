/**
 * A build as the next deployment brings it: a build id of its own, and other names for all scripts and styles, as any
 * change of the sources may give them. It is a copy of the one real build, since building takes a minute.
 */
import {
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { mergeEarlierBuilds } from '../../scripts/static-archive.ts';

const built = join(import.meta.dirname, '../../.next/standalone');

/** @returns the folder of the standalone output, with the files of the builds in `archive` */
export function makeChangedBuild(folder: string, name: string, archive: string): string {
  const target = join(folder, name);
  for (const part of ['.next', 'server.js', 'standalone-server.mjs', 'early-lines.mjs', 'package.json'])
    cpSync(join(built, part), join(target, part), { recursive: true });
  symlinkSync(join(built, 'node_modules'), join(target, 'node_modules'));
  const output = join(target, '.next');
  rmSync(join(output, 'static'), { recursive: true });
  cpSync(join(built, '../static'), join(output, 'static'), { recursive: true });
  const oldId = readFileSync(join(output, 'BUILD_ID'), 'utf8');
  const chunks = listFiles(join(output, 'static/chunks'));
  const changes: [string, string][] = chunks.map((path) => {
    const chunk = path.slice(join(output, 'static/').length);
    return [`static/${chunk}`, `static/${chunk.replace(/[^/]*$/, `${name}-$&`)}`];
  });
  for (const path of listFiles(output)) replaceAll(path, [...changes, [oldId, name]]);
  for (const [from, to] of changes) renameSync(join(output, from), join(output, to));
  renameSync(join(output, 'static', oldId), join(output, 'static', name));
  mergeEarlierBuilds(join(output, 'static'), { folder: archive, buildId: name, nowMs: Date.now() });
  return target;
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function replaceAll(path: string, changes: readonly (readonly [string, string])[]): void {
  if (!/\.(?:js|json|css|html|rsc|txt)$|BUILD_ID$/.test(path)) return;
  const before = readFileSync(path, 'utf8');
  const after = changes.reduce((text, [from, to]) => text.replaceAll(from, to), before);
  if (after !== before) writeFileSync(path, after);
}
