/** Edits of the core: an upgrade replaces the core, so they are shown, kept as a patch, and dropped only when asked to. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Git, openGit, readPaths, UpgradeProblem } from './git.ts';
import { coreFolder } from './releases.ts';

/** @param base the release that the adopter has */
export function findCoreEdits(git: Git, base: string, commit: string): string[] {
  return readPaths(git.run('diff', '--name-only', '--no-renames', '-z', base, commit, '--', coreFolder));
}

/** @returns the file, in Git's own folder: no upgrade and no checkout touches it */
export function saveCoreEdits(git: Git, from: string, to: string[]): string {
  const name = `strongroom/core-edits-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.patch`;
  const file = resolve(git.folder, git.run('rev-parse', '--git-path', name).trim());
  mkdirSync(dirname(file), { recursive: true });
  // Whatever the settings of the adopter's Git are: the patch must fit again, to the byte.
  const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];
  git.run('diff', '--binary', '--no-renames', ...plain, `--output=${file}`, from, ...to, '--', coreFolder);
  return file;
}

export function rejectCoreEdits(paths: readonly string[]): never {
  throw new UpgradeProblem(
    [
      `The core is edited in your copy, and an upgrade replaces it (${coreFolder}):`,
      ...paths.map((path) => `  ${path}`),
      'Move what you need out of it, or drop these edits with --drop-core-edits: they are saved as a patch first.',
    ].join('\n'),
  );
}

/** @returns a commit like `commit`, with the core of `release` */
export function makeCommitWithCore(git: Git, commit: string, release: string): string {
  const indexFile = resolve(git.folder, git.run('rev-parse', '--git-path', 'strongroom/index').trim());
  mkdirSync(dirname(indexFile), { recursive: true });
  const index = openGit(git.folder, { GIT_INDEX_FILE: indexFile });
  index.run('read-tree', commit);
  index.run('rm', '-r', '-q', '--cached', '--ignore-unmatch', '--', coreFolder);
  index.run('read-tree', `--prefix=${join(coreFolder, '/')}`, `${release}:${coreFolder}`);
  const tree = index.run('write-tree').trim();
  rmSync(indexFile);
  const message = 'The core is as it was released: edits of it are dropped';
  return git.run('commit-tree', tree, '-p', commit, '-m', message).trim();
}
