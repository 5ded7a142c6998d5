/**
 * An application as `create-next-app` makes it, outside of this repository, into which the package of the
 * core is installed as npm would: packed, unpacked, and beside it no package but those that are declared.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packagesOf } from './installed-packages.ts';

const run = promisify(execFile);
export const root = join(import.meta.dirname, '../..');
const addedFolder = join(import.meta.dirname, 'added');

/** What the adopter writes, by path. */
export function readAdded(): Record<string, string> {
  const files = globSync('**/{*,.env.local}', { cwd: addedFolder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [file.slice(addedFolder.length + 1), readFileSync(file, 'utf8')]),
  );
}

export type PackedApp = { folder: string; tarball: string[] };

/** Packs, installs and builds. @throws with what the command printed */
export async function buildPackedApp(): Promise<PackedApp> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-existing-'));
  const { stdout } = await run(
    'npm',
    ['pack', '--silent', '--json', '--workspace', 'lib/strongroom', '--pack-destination', folder],
    { cwd: root, maxBuffer: 10_000_000 },
  );
  const [packed] = Object.values(JSON.parse(stdout.slice(stdout.search(/[[{]\s/))) as Packed);
  const { filename = '', files = [] } = packed ?? {};
  for (const from of ['fresh', 'added']) cpSync(join(import.meta.dirname, from), folder, { recursive: true });
  install(folder, join(folder, filename));
  const env = { ...process.env, NODE_ENV: 'production' as const, CI: 'true', NEXT_TELEMETRY_DISABLED: '1' };
  await run(process.execPath, [join(folder, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: folder,
    env,
  });
  return { folder, tarball: files.map(({ path }) => path) };
}

type Packed = Record<string, { filename: string; files: { path: string }[] }>;

function install(folder: string, tarball: string): void {
  const core = join(folder, 'node_modules/strongroom');
  mkdirSync(core, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', core, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'));
  const own = ['next', 'react', 'react-dom', 'typescript', '@types/node', '@types/react', '@types/react-dom'];
  const paths = packagesOf(root, [...own, ...Object.keys(dependencies)]);
  for (const path of paths.filter((one) => existsSync(join(root, one)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    link(join(root, path), join(folder, path));
  }
}

/** Turbopack rejects packages that are linked from another root by name; hard links it cannot tell. */
function link(from: string, to: string): void {
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
}

/** Fills in what `.env.local` leaves to the adopter. */
export function writeEnvironment(folder: string, values: Readonly<Record<string, string>>): void {
  const lines = readFileSync(join(addedFolder, '.env.local'), 'utf8').trim().split('\n');
  const names = lines.map((line) => line.split('=', 1)[0] ?? '');
  const filled = names.map((name) => `${name}=${values[name]}`);
  writeFileSync(join(folder, '.env.local'), `${filled.join('\n')}\n`);
}
