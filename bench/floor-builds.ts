/**
 * Builds the applications that the benches compare, from one source each and in a copy of this repository: the page of
 * `bench/floor` without sign-in, with an empty Next's proxy, with the core, and in the shipped application. A build
 * is kept until its sources change.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyRepository, runInCopy } from '../scripts/repository-copy.ts';
import { digestSources } from '../scripts/source-digest.ts';

export type BuildName = 'floor' | 'floor-proxy' | 'ours' | 'shipped';

const root = join(import.meta.dirname, '..');
const floor = 'bench/floor';
const cache = join(root, 'node_modules/.cache/bench');
const buildMs = 20 * 60_000;
const page = 'app/dashboard/people/page.tsx';
const authRoute = 'app/auth/[...path]/route.ts';

/** What the copy of each is like before it is built. */
const changes: Readonly<Record<BuildName, (copy: string) => void>> = {
  floor: makeFloor,
  'floor-proxy': (copy) => {
    makeFloor(copy);
    cpSync(join(copy, floor, 'empty-proxy.ts'), join(copy, 'proxy.ts'));
  },
  ours: (copy) => {
    const kept = ['_rejection', 'healthz', 'readyz'];
    for (const name of readdirSync(join(copy, 'app')))
      if (!kept.includes(name)) rmSync(join(copy, 'app', name), { recursive: true });
    cpSync(join(copy, floor, 'layout.tsx'), join(copy, 'app/layout.tsx'));
    cpSync(join(copy, 'e2e/existing-app/added', authRoute), join(copy, authRoute));
    addPage(copy, 'signed-in');
  },
  shipped: (copy) => addPage(copy, 'framed'),
};

/** @returns the folder of each standalone output */
export async function buildAll(names: readonly BuildName[]): Promise<Record<BuildName, string>> {
  const digest = digestAll();
  const folderOf = (name: BuildName) => join(cache, `${name}-${digest}`);
  const missing = names.filter((name) => !existsSync(join(folderOf(name), 'server.js')));
  if (missing.length > 0) {
    if (existsSync(cache))
      for (const old of readdirSync(cache).filter((one) => !one.endsWith(digest)))
        rmSync(join(cache, old), { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
  }
  for (const name of missing) await build(name, folderOf(name));
  return Object.fromEntries(names.map((name) => [name, folderOf(name)])) as Record<BuildName, string>;
}

async function build(name: BuildName, target: string): Promise<void> {
  console.log(`Building ${name} …`);
  const copy = copyRepository();
  try {
    changes[name](copy);
    const isFloor = name.startsWith('floor');
    const command = isFloor ? ['npx', 'next', 'build'] : ['npm', 'run', '--silent', 'build'];
    await runInCopy(copy, command, buildMs);
    const output = join(copy, '.next/standalone');
    if (isFloor) cpSync(join(copy, '.next/static'), join(output, '.next/static'), { recursive: true });
    move(output, target);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function makeFloor(copy: string): void {
  for (const name of ['app', 'proxy.ts', 'instrumentation.ts'])
    rmSync(join(copy, name), { recursive: true, force: true });
  cpSync(join(copy, floor, 'layout.tsx'), join(copy, 'app/layout.tsx'));
  cpSync(join(copy, floor, 'next.config.js'), join(copy, 'next.config.js'));
  addPage(copy, 'plain');
}

function addPage(copy: string, kind: 'plain' | 'signed-in' | 'framed'): void {
  cpSync(join(copy, floor, kind, 'page.tsx'), join(copy, page));
  for (const file of ['people.tsx', 'people-schema.ts'])
    cpSync(join(copy, floor, file), join(copy, 'app/dashboard', file));
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // To another disk.
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
}

function digestAll(): string {
  const hash = createHash('sha256').update(digestSources(root, {}).sha256);
  const files = globSync(`${floor}/**/*.{ts,tsx,js}`, { cwd: root });
  for (const file of [...files, 'bench/floor-builds.ts'].toSorted())
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 16);
}
