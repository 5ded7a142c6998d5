/** Git in one folder, and what is said when an upgrade cannot go on. */
import { spawnSync } from 'node:child_process';

/** With a sentence for the person at the terminal. */
export class UpgradeProblem extends Error {}

export type Git = {
  folder: string;
  /** @returns what it printed. @throws UpgradeProblem with what Git says */
  run(...args: string[]): string;
  /** @returns what it printed, or null when it failed */
  ask(...args: string[]): string | null;
};

export function openGit(folder: string, env: Readonly<Record<string, string>> = {}): Git {
  function start(args: readonly string[]) {
    const { status, stdout, stderr, error } = spawnSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      // Sentences of Git are passed on, never read; paths are printed as they are.
      env: { ...process.env, GIT_EDITOR: 'true', ...env },
      maxBuffer: 256 * 1024 * 1024,
    });
    if (error !== undefined) throw new UpgradeProblem(`Git cannot be started: ${error.message}`);
    return { isGood: status === 0, stdout, stderr };
  }
  return {
    folder,
    run(...args) {
      const { isGood, stdout, stderr } = start(args);
      if (!isGood) throw new UpgradeProblem(`git ${args.join(' ')} failed:\n${stderr || stdout}`);
      return stdout;
    },
    ask(...args) {
      const { isGood, stdout } = start(args);
      return isGood ? stdout : null;
    },
  };
}

/** The paths that a command prints with `-z`. */
export function readPaths(printed: string): string[] {
  return printed.split('\0').filter((path) => path !== '');
}

export function listFiles(git: Git, commit: string): string[] {
  return readPaths(git.run('ls-tree', '-r', '-z', '--name-only', commit));
}
