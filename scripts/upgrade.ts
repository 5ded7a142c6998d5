/**
 * `npm run upgrade -- 0.2.0`: takes a release of Strongroom into this copy (docs/upgrading.md). Without a version it
 * lists the releases.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { isVersion } from './upgrade/compare-versions.ts';
import { describeUpgrade } from './upgrade/describe-upgrade.ts';
import { openGit, UpgradeProblem } from './upgrade/git.ts';
import { fetchReleases, listReleases, readVersion } from './upgrade/releases.ts';
import { upgradeCopy } from './upgrade/upgrade-copy.ts';

const folder = process.cwd();
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      'dry-run': { type: 'boolean' },
      'drop-core-edits': { type: 'boolean' },
      offline: { type: 'boolean' },
    },
  });
  const version = positionals[0]?.replace(/^v/, '');
  if (version === undefined) sayReleases(values.from);
  else if (!isVersion(version)) throw new UpgradeProblem(`${version} is no version such as 0.2.0.`);
  else {
    const isDryRun = values['dry-run'] === true;
    const upgrade = upgradeCopy(folder, {
      version,
      from: values.from,
      isDryRun,
      dropsCoreEdits: values['drop-core-edits'] === true,
      lockPackages: values.offline ? undefined : lockPackages,
    });
    console.log(describeUpgrade(upgrade, isDryRun));
    if (upgrade.conflicts.length > 0) process.exitCode = 2;
  }
} catch (error) {
  const isKnown = error instanceof UpgradeProblem || (error instanceof TypeError && 'code' in error);
  console.error(isKnown ? (error as Error).message : error);
  process.exitCode = 1;
}

function sayReleases(from: string | undefined): void {
  const git = openGit(folder);
  fetchReleases(git, from);
  const versions = listReleases(git).map((release) => release.version);
  console.log(`Your copy has ${readVersion(git, 'HEAD')}. Releases: ${versions.join(', ') || 'none'}.`);
}

/** Asks the registry, and nothing is installed or run. */
function lockPackages(there: string): boolean {
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
  return spawnSync(command, [...first, ...args], { cwd: there, stdio: 'inherit' }).status === 0;
}
