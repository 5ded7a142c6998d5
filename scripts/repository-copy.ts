/** A copy of this repository that builds and runs by itself: for an adopter's application, and for a bench. */
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** What is made here, or belongs to this machine: no part of a fresh clone. */
const notCopied = new Set(
  '.git node_modules .next .demo test-results playwright-report .env .env.local next-env.d.ts'.split(' '),
);

/** What packing the core makes in its folder for a moment, perhaps at this one (scripts/pack-core.ts). */
const packed = new Set(['dist', 'LICENSE'].map((name) => join(root, 'lib/strongroom', name)));

/** @returns the folder of the copy, outside of this repository: Next looks for lock files in the folders above. */
export function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'strongroom-copy-'));
  for (const name of readdirSync(root).filter((entry) => !notCopied.has(entry)))
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !packed.has(path) });
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
