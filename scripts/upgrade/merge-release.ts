/** The merge itself: what Git cannot decide is decided here as far as it follows from who owns a file, and the rest is left to the adopter. */
import { lstatSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { saveCoreEdits } from './core-edits.ts';
import { type Git, listFiles, readPaths } from './git.ts';
import { mergePackage } from './merge-package.ts';
import { coreFolder, type Release } from './releases.ts';
import { selectStaysDeleted } from './stays-deleted.ts';

export type MergeResult = {
  /** Paths that changed, in the core and outside. */
  coreFiles: string[];
  otherFiles: string[];
  staysDeleted: string[];
  /** Where both sides changed the same lines of a text, or the release deleted what was edited: yours is there. */
  keptYours: string[];
  /** Members of package.json that both sides changed. */
  keptMembers: string[];
  /** package-lock.json is the release's, and does not hold the adopter's packages. */
  needsLocking: boolean;
  /** Edits of files that moved into the core. */
  patchFile: string | null;
  conflicts: string[];
};

type Stages = Partial<Record<1 | 2 | 3, string>> & {
  /** One of them is a link, or a repository in this one: no text. */
  isOdd?: boolean;
};

/**
 * Merges `release` into what is checked out, without a commit. `base` is the release that the copy has.
 */
export function mergeRelease(git: Git, base: string, { version, commit }: Release): MergeResult {
  const before = git.run('rev-parse', 'HEAD').trim();
  startMerge(git, commit);
  writeFileSync(gitPath(git, 'MERGE_MSG'), `Upgrade to Strongroom ${version}\n`);
  const result = { keptYours: [] as string[], staysDeleted: [] as string[] };
  const patchFile = takeCore(git, commit);
  const packages = takePackageFile(git, { base, before, commit });
  result.staysDeleted.push(...leaveOutDeleted(git, { base, before, commit }));
  for (const [path, stages] of listUnmerged(git)) settle(git, path, stages, result);
  const changed = readPaths(git.run('diff', '--cached', '--name-only', '--no-renames', '-z', before));
  const isCore = (path: string) => path.startsWith(`${coreFolder}/`);
  return {
    ...result,
    ...packages,
    patchFile,
    coreFiles: changed.filter(isCore),
    otherFiles: changed.filter((path) => !isCore(path)),
    conflicts: listUnmerged(git).map(([path]) => path),
  };
}

/** @throws UpgradeProblem when Git does not begin; conflicts are no failure */
function startMerge(git: Git, commit: string): void {
  // Similar is not the same: a page that began as a copy of a sample's is no renamed one.
  const options = ['--quiet', '--no-ff', '--no-commit', '-X', 'find-renames=90%'];
  try {
    git.run('-c', 'merge.directoryRenames=true', 'merge', ...options, commit);
  } catch (error) {
    if (git.ask('rev-parse', '--quiet', '--verify', 'MERGE_HEAD') === null) throw error;
  }
}

const lockFile = 'package-lock.json';
type Commits = { base: string; before: string; commit: string };

/** The core is the release's to the byte; what an adopter's edits of a file that moved there were is kept. */
function takeCore(git: Git, commit: string): string | null {
  const isReleased = git.ask('diff', '--quiet', commit, '--', coreFolder) !== null;
  const patchFile = isReleased ? null : saveCoreEdits(git, commit, []);
  git.run('restore', `--source=${commit}`, '--staged', '--worktree', '--', coreFolder);
  git.run('clean', '-fdq', '--', coreFolder);
  return patchFile;
}

function takePackageFile(git: Git, commits: Commits) {
  const { base: from, before: ours, commit: theirs } = readThree(git, commits, 'package.json');
  const none = { keptMembers: [], needsLocking: false };
  if (from === null || ours === null || theirs === null) return none;
  const { text, kept, hasOwnPackages } = mergePackage({ base: from, ours, theirs });
  if (from !== theirs && ours !== theirs) {
    writeFileSync(join(git.folder, 'package.json'), text);
    git.run('add', '--', 'package.json');
  }
  // Those of the release are the ones that were tested; npm adds the adopter's.
  const lock = readThree(git, commits, lockFile);
  if (lock.before === null || lock.base === lock.commit) return { ...none, keptMembers: kept };
  git.ask('restore', `--source=${commits.commit}`, '--staged', '--worktree', '--', lockFile);
  return { keptMembers: kept, needsLocking: hasOwnPackages };
}

function readThree(git: Git, commits: Commits, path: string): Record<keyof Commits, string | null> {
  const read = (commit: string) => git.ask('show', `${commit}:${path}`);
  return { base: read(commits.base), before: read(commits.before), commit: read(commits.commit) };
}

/** Files that the release adds to what the adopter deleted. */
function leaveOutDeleted(git: Git, { base, before, commit }: Commits): string[] {
  const list = (one: string) => git.ask('show', `${one}:e2e/adopter/removed.txt`) ?? '';
  const patterns = [base, commit].flatMap((one) => list(one).split('\n').filter(Boolean));
  const added = readPaths(
    git.run('diff', '--cached', '--name-only', '--diff-filter=A', '--no-renames', '-z', before),
  ).filter((path) => !path.startsWith(`${coreFolder}/`));
  const trees = { base: listFiles(git, base), ours: listFiles(git, before), patterns };
  const deleted = selectStaysDeleted(added, trees);
  if (deleted.length > 0) git.run('rm', '-q', '-f', '--', ...deleted);
  return deleted;
}

function listUnmerged(git: Git): [path: string, stages: Stages][] {
  const found = new Map<string, Stages>();
  for (const entry of readPaths(git.run('ls-files', '--unmerged', '-z'))) {
    const [, mode, object = '', stage = '', path = ''] = /^(\d+) (\w+) ([123])\t(.*)$/s.exec(entry) ?? [];
    const known = found.get(path);
    const isOdd = known?.isOdd === true || !mode?.startsWith('100');
    found.set(path, { ...known, [Number(stage)]: object, isOdd });
  }
  return [...found];
}

/** @param result what is decided is added to it */
function settle(
  git: Git,
  path: string,
  { 1: base, 2: ours, 3: theirs, isOdd = false }: Stages,
  result: Pick<MergeResult, 'keptYours' | 'staysDeleted'>,
): void {
  if (base !== undefined && ours === undefined) {
    git.run('rm', '-q', '-f', '--', path);
    result.staysDeleted.push(path);
  } else if (base !== undefined && ours !== undefined && theirs === undefined) {
    git.run('add', '--', path);
    result.keptYours.push(path);
  } else if (base !== undefined && ours !== undefined && theirs !== undefined && path.endsWith('.md')) {
    // Writing to a link would write to what it leads to, which may be outside.
    if (isOdd || isLinked(git, path)) return;
    writeFileSync(join(git.folder, path), mergeWords(git, [ours, base, theirs]));
    git.run('add', '--', path);
    result.keptYours.push(path);
  }
}

function isLinked(git: Git, path: string): boolean {
  const file = join(git.folder, path);
  const folder = realpathSync(dirname(file));
  return lstatSync(file).isSymbolicLink() || folder !== join(realpathSync(git.folder), dirname(path));
}

/** Of words that both sides changed, the adopter's stay; what only the release changed comes. */
function mergeWords(git: Git, objects: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-upgrade-'));
  try {
    const files = objects.map((object, index) => {
      const file = join(folder, String(index));
      writeFileSync(file, git.run('cat-file', 'blob', object));
      return file;
    });
    return git.run('merge-file', '-p', '--ours', ...files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function gitPath(git: Git, name: string): string {
  const path = git.run('rev-parse', '--git-path', name).trim();
  return path.startsWith('/') ? path : join(git.folder, path);
}
