/**
 * Completes package-lock.json in a folder of its own, where npm reads the adopter's `.npmrc` as it was: that of a
 * release could name another registry, and send it the adopter's credentials.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Git, readPaths } from './git.ts';

const lockFile = 'package-lock.json';

/**
 * @param before the commit with the adopter's settings
 * @param lockPackages runs npm in the folder that it is given. @returns whether that succeeded
 */
export function lockElsewhere(git: Git, before: string, lockPackages: (folder: string) => boolean): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-upgrade-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    // The workspaces' too. What Git has, since a file could be a link to another.
    const patterns = [lockFile, 'package.json', '*/package.json'];
    for (const path of readPaths(git.run('ls-files', '-z', '--', ...patterns)))
      write(path, git.run('cat-file', 'blob', `:${path}`));
    const settings = readSettings(git, before);
    if (settings !== null) write('.npmrc', settings);
    if (!lockPackages(folder)) return false;
    writeFileSync(join(git.folder, lockFile), readFileSync(join(folder, lockFile)));
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The adopter's may be unknown to Git, as those with credentials should be. */
function readSettings(git: Git, before: string): string | null {
  const committed = git.ask('show', `${before}:.npmrc`);
  if (committed !== null) return committed;
  const file = join(git.folder, '.npmrc');
  const isOfRelease = git.run('ls-files', '--', '.npmrc') !== '';
  return isOfRelease || !existsSync(file) ? null : readFileSync(file, 'utf8');
}
