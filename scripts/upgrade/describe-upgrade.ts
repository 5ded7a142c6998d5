/** What an upgrade did, or would do, in words for the terminal. Pure. */
import { coreFolder } from './releases.ts';
import type { Upgrade } from './upgrade-copy.ts';

const shownPaths = 20;

export function describeUpgrade(upgrade: Upgrade, isDryRun: boolean): string {
  const { from, coreFiles, otherFiles, staysDeleted, keptYours, keptMembers } = upgrade;
  return [
    describeStep(upgrade, isDryRun),
    upgrade.hasJoined
      ? `Your copy shares no history with the releases: a commit now says that it comes from ${from}.`
      : '',
    list(`Core (${coreFolder}), as in the release`, coreFiles, 0),
    list('Changed outside of the core', otherFiles),
    list('Deleted in your copy, and stays so', staysDeleted),
    list('Changed on both sides: yours stays where they meet', keptYours),
    list('package.json: members that both sides changed; yours stay', keptMembers),
    list('Edits of the core that are dropped', upgrade.droppedEdits),
    upgrade.patchFile === null ? '' : `Dropped edits are saved in ${upgrade.patchFile}`,
    describeLock(upgrade, isDryRun),
    ...(isDryRun ? describeTrial(upgrade) : describeNext(upgrade)),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function describeStep({ from, to, conflicts }: Upgrade, isDryRun: boolean): string {
  if (isDryRun) return `This would upgrade from ${from} to ${to}.`;
  if (conflicts.length === 0) return `Upgraded from ${from} to ${to}.`;
  return `The upgrade from ${from} to ${to} is not finished: it waits for you.`;
}

function describeLock({ needsLocking, isLocked }: Upgrade, isDryRun: boolean): string {
  if (!needsLocking) return '';
  if (isLocked || isDryRun) return 'package-lock.json: that of the release, with your packages added by npm.';
  return 'package-lock.json is that of the release, without your packages: run npm install, and commit it.';
}

function describeTrial({ conflicts }: Upgrade): string[] {
  return [list('To be decided by you', conflicts), 'Nothing was changed: this was a dry run.'];
}

function describeNext({ conflicts, before, to }: Upgrade): string[] {
  const undo = `git reset --hard ${before.slice(0, 12)}`;
  if (conflicts.length === 0)
    return [`Next: read ${to} in CHANGELOG.md, npm ci, npm test. To undo it: ${undo}`];
  return [
    list('To be decided by you: both sides changed these lines', conflicts, conflicts.length),
    'Edit them (Git has marked the lines), then: git add <file>, git commit.',
    `To give up, with your copy as it was: ${undo}`,
  ];
}

function list(title: string, paths: readonly string[], max = shownPaths): string {
  if (paths.length === 0) return '';
  const shown = paths.slice(0, max).map((path) => `  ${path}`);
  const more = max > 0 && paths.length > max ? [`  and ${paths.length - max} more`] : [];
  return [`${title}: ${paths.length}`, ...shown, ...more].join('\n');
}
