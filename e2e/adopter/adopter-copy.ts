/** A copy of this repository in which an adopter has put an application of their own in place of the sample. */
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';

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

/** What is made here, or belongs to this machine: no part of a fresh clone. */
const notCopied = new Set(
  '.git node_modules .next .demo test-results playwright-report .env .env.local next-env.d.ts'.split(' '),
);

export function makeAdopterCopy(): string {
  const copy = copyRepository();
  for (const path of globSync(removed, { cwd: copy })) rmSync(join(copy, path), { recursive: true });
  cpSync(overlay, copy, { recursive: true });
  return copy;
}

/** @returns the folder of the copy, outside of this repository: Next looks for lock files in the folders above. */
export function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'strongroom-adopter-'));
  for (const name of readdirSync(root).filter((entry) => !notCopied.has(entry)))
    cpSync(join(root, name), join(copy, name), { recursive: true });
  linkPackages(copy);
  return copy;
}

/**
 * Hard links, because Turbopack rejects packages that are linked from another root. Relative links, such as the one to the
 * core, then lead to the copy. Another disk, or a system without `cp -l`, gets real copies.
 */
function linkPackages(copy: string): void {
  const [from, to] = [join(root, 'node_modules'), join(copy, 'node_modules')];
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
  // Caches are written in place: they must not be shared.
  for (const cache of ['.cache', '.vite', '.vite-temp'])
    rmSync(join(to, cache), { recursive: true, force: true });
}

/** Runs `command` in the copy. @throws with the end of what it printed, when it fails or takes longer */
export function runInCopy(copy: string, [program = '', ...args]: string[], timeoutMs: number) {
  return new Promise<string>((resolve, reject) => {
    const options = { cwd: copy, env: bareEnv(), timeout: timeoutMs, maxBuffer: 50_000_000 };
    execFile(program, args, options, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${[program, ...args].join(' ')}: ${sayEnd(error)}\n${lastOf(stdout + stderr)}`));
    });
  });
}

function sayEnd({ killed, code, message }: ExecFileException): string {
  if (killed) return 'took too long';
  return typeof code === 'number' ? `exit code ${code}` : message;
}

const shownChars = 6_000;

function lastOf(output: string): string {
  return output.length > shownChars ? `…${output.slice(-shownChars)}` : output;
}

/** Not that of the test runner, which would make another build. */
function bareEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, CI } = process.env;
  const path = `${dirname(process.execPath)}${delimiter}${PATH}`;
  const env = { PATH: path, HOME, TMPDIR, CI, NEXT_TELEMETRY_DISABLED: '1', FORCE_COLOR: '0' };
  return env as unknown as NodeJS.ProcessEnv;
}
