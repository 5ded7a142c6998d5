/** An upgrade from the first check to the commit. The adopter's work tree is touched only when nothing speaks against it. */
import { lstatSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareVersions } from './compare-versions.ts';
import { findCoreEdits, makeCommitWithCore, rejectCoreEdits, saveCoreEdits } from './core-edits.ts';
import { type Git, listFiles, openGit, readPaths, UpgradeProblem } from './git.ts';
import { lockElsewhere } from './lock-elsewhere.ts';
import { type MergeResult, mergeRelease } from './merge-release.ts';
import { fetchReleases, findRelease, type Release, readVersion } from './releases.ts';

export type UpgradeOptions = {
  version: string;
  /** An address or a remote; the remote `strongroom` when left out. */
  from?: string;
  isDryRun?: boolean;
  dropsCoreEdits?: boolean;
  /** Adds the adopter's packages to the lock file of the release. @returns whether that succeeded */
  lockPackages?: (folder: string) => boolean;
};

export type Upgrade = MergeResult & {
  from: string;
  to: string;
  /** The commit to go back to. */
  before: string;
  /** The copy had no history in common with the release. */
  hasJoined: boolean;
  droppedEdits: string[];
  isLocked: boolean;
};

/** @throws UpgradeProblem before anything is changed */
export function upgradeCopy(folder: string, options: UpgradeOptions): Upgrade {
  const git = openGit(folder);
  requireCleanRepository(git);
  const before = git.run('rev-parse', 'HEAD').trim();
  const from = readVersion(git, 'HEAD');
  fetchReleases(git, options.from);
  const release = findRelease(git, options.version);
  if (compareVersions(release.version, from) <= 0)
    throw new UpgradeProblem(`Your copy has ${from}: ${release.version} is no later release.`);
  const { base, joined } = findBase(git, from, release);
  rejectFilesInTheWay(git, base, release);
  const droppedEdits = findCoreEdits(git, base, before);
  if (droppedEdits.length > 0 && options.dropsCoreEdits !== true) rejectCoreEdits(droppedEdits);
  const start = droppedEdits.length === 0 ? joined : makeCommitWithCore(git, joined, base);
  const said = { from, to: release.version, before, hasJoined: joined !== before, droppedEdits };
  if (options.isDryRun === true) {
    const result = tryElsewhere(git, start, (there) => mergeRelease(there, base, release));
    return { ...result, ...said, isLocked: false };
  }
  const patchFile = droppedEdits.length === 0 ? null : saveCoreEdits(git, base, [before]);
  git.run('merge', '--quiet', '--ff-only', start);
  const merged = mergeOrGoBack(git, before, () => mergeRelease(git, base, release));
  const { lockPackages } = options;
  const isLocked =
    merged.needsLocking && lockPackages !== undefined && lockElsewhere(git, before, lockPackages);
  if (isLocked) git.run('add', '--', 'package-lock.json');
  if (merged.conflicts.length === 0 && git.ask('commit', '--quiet', '--no-edit') === null)
    throw new UpgradeProblem(
      `Everything is merged, but git commit was rejected, perhaps by a hook of yours: git commit says why. To give up: git reset --hard ${before}`,
    );
  return { ...merged, ...said, isLocked, patchFile: merged.patchFile ?? patchFile };
}

/** The work tree was clean, so nothing is lost by going back. */
function mergeOrGoBack(git: Git, before: string, merge: () => MergeResult): MergeResult {
  try {
    return merge();
  } catch (error) {
    git.run('reset', '--quiet', '--hard', before);
    const why = error instanceof Error ? error.message : String(error);
    throw new UpgradeProblem(`The release cannot be merged, and your copy is as it was: ${why}`);
  }
}

function requireCleanRepository(git: Git): void {
  const top = git.ask('rev-parse', '--show-toplevel')?.trim();
  if (top === undefined)
    throw new UpgradeProblem(
      'This folder is no Git repository: git init, git add -A, git commit; then upgrade.',
    );
  if (realpathSync(top) !== realpathSync(git.folder))
    throw new UpgradeProblem(`Upgrades need a repository of its own for Strongroom; this one is ${top}.`);
  const changes = git.run('status', '--porcelain', '--untracked-files=all', '--ignore-submodules=none');
  if (changes !== '')
    throw new UpgradeProblem(
      `Commit or stash these first, so that nothing of yours can be lost:\n${changes}`,
    );
}

/** Git replaces files that it was told to ignore, and so does what stays deleted. */
function rejectFilesInTheWay(git: Git, base: string, { commit }: Release): void {
  const known = new Set(listFiles(git, 'HEAD'));
  const changed = readPaths(git.run('diff', '--name-only', '--no-renames', '-z', base, commit));
  const found = changed.flatMap((path) => (known.has(path) ? [] : findInTheWay(git.folder, path)));
  const inTheWay = [...new Set(found)].filter((path) => !known.has(path));
  if (inTheWay.length > 0)
    throw new UpgradeProblem(
      `The release brings files where you have some that Git ignores; move these first:\n${inTheWay.join('\n')}`,
    );
}

/** What is at `path`, or where one of its folders would be. */
function findInTheWay(folder: string, path: string): string[] {
  const parts = path.split('/');
  for (const [index] of parts.entries()) {
    const part = parts.slice(0, index + 1).join('/');
    const there = lstatSync(join(folder, part), { throwIfNoEntry: false });
    if (there === undefined) return [];
    if (part === path || !there.isDirectory()) return [part];
  }
  return [];
}

/**
 * The release that the copy comes from. A copy that was made from a template or an archive shares no history with
 * it, so a commit says what the version of its core tells: it comes from that release.
 */
function findBase(git: Git, version: string, release: Release): { base: string; joined: string } {
  const head = git.run('rev-parse', 'HEAD').trim();
  const shared = git.ask('merge-base', head, release.commit)?.trim();
  if (shared === release.commit) throw new UpgradeProblem(`Your copy holds ${release.version} already.`);
  if (shared) return { base: shared, joined: head };
  const { commit } = findRelease(git, version);
  const message = `This copy comes from Strongroom ${version}`;
  const joined = git.run('commit-tree', `${head}^{tree}`, '-p', head, '-p', commit, '-m', message).trim();
  return { base: commit, joined };
}

/** In a work tree of its own, which is removed. */
function tryElsewhere<Result>(git: Git, commit: string, work: (there: Git) => Result): Result {
  const parent = mkdtempSync(join(tmpdir(), 'strongroom-upgrade-'));
  const folder = join(parent, 'copy');
  try {
    git.run('worktree', 'add', '--quiet', '--detach', folder, commit);
    return work(openGit(folder));
  } finally {
    git.ask('worktree', 'remove', '--force', folder);
    rmSync(parent, { recursive: true, force: true });
  }
}
