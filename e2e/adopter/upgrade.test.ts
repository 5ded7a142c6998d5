/** `npm run upgrade`: what adopters have changed is still there after three releases, and the core is the release's. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UpgradeProblem } from '../../scripts/upgrade/git.ts';
import { upgradeCopy } from '../../scripts/upgrade/upgrade-copy.ts';
import { adopterChanges } from './adopter-changes.ts';
import { makeReleases } from './simulated-releases.ts';
import { type Copy, UpgradeWorld } from './upgrade-world.ts';

const world = new UpgradeWorld();
beforeAll(() => {
  world.start();
  makeReleases(world);
});
afterAll(() => world.close());

const log = 'lib/strongroom/base/log.ts';

function makeChanges(copy: Copy): void {
  for (const { make } of adopterChanges) make(copy);
  copy.commit('Our application');
}

const listLost = (copy: Copy) =>
  adopterChanges.filter(({ isThere }) => !isThere(copy)).map(({ name }) => name);

describe.each([
  { of: 'a clone', make: () => world.clone(), joins: false },
  { of: 'a copy without the history of the releases', make: () => world.unpack(), joins: true },
])('$of with twelve changes', ({ make, joins }) => {
  it('takes three releases one after the other: nothing is lost, and no conflict is left', () => {
    const copy = make();
    makeChanges(copy);
    expect([adopterChanges.length, listLost(copy)]).toEqual([12, []]);
    for (const version of ['0.2.0', '0.3.0', '0.4.0']) {
      const upgrade = copy.upgrade({ version });
      expect(upgrade).toMatchObject({ conflicts: [], droppedEdits: [], patchFile: null, to: version });
      expect(upgrade.hasJoined).toBe(joins && version === '0.2.0');
      expect([version, copy.hasCoreOf(version), listLost(copy)]).toEqual([version, true, []]);
    }
    for (const [path, text] of [
      ['README.md', 'A line of 0.2.0.'],
      ['app/globals.css', '.of-0-2'],
      ['deploy/Dockerfile', 'NEW=1'],
      ['next.config.js', 'compress: false,'],
      ['.env.example', '# NEW='],
      ['lib/places.ts', '// Changed in 0.4.0.'],
      ['app/new-page/page.tsx', 'NewPage'],
      ['package.json', '"new-package": "^1.0.0"'],
      ['package.json', '"react": "^19.9.0"'],
    ] as const)
      expect([path, copy.read(path)]).toEqual([path, expect.stringContaining(text)]);
    expect(copy.git.run('log', '-1', '--format=%s').trim()).toBe('Upgrade to Strongroom 0.4.0');
  });
});

describe('an upgrade', () => {
  it('over three releases at once is the same, and a dry run says before what it does', () => {
    const copy = world.unpack();
    makeChanges(copy);
    const state = () => copy.git.run('rev-parse', 'HEAD') + copy.git.run('status', '--porcelain');
    const before = state();
    const tried = copy.upgrade({ version: '0.4.0', isDryRun: true });
    expect([state(), listLost(copy)]).toEqual([before, []]);
    expect(copy.git.run('worktree', 'list').trim().split('\n')).toHaveLength(1);
    const upgrade = copy.upgrade({ version: '0.4.0' });
    expect(upgrade).toEqual(tried);
    const { conflicts, staysDeleted, keptYours, needsLocking } = upgrade;
    expect([conflicts, keptYours, needsLocking]).toEqual([[], ['README.md'], false]);
    expect(staysDeleted).toEqual(
      expect.arrayContaining([
        'app/dashboard/contacts/page.tsx',
        'app/dashboard/messages/new-part.tsx',
        'e2e/new-sample.spec.ts',
      ]),
    );
    expect([copy.hasCoreOf('0.4.0'), listLost(copy)]).toEqual([true, []]);
  });

  it('leaves to the adopter what both sides changed, says how to go on, and one command undoes all of it', () => {
    const copy = world.clone();
    copy.change('lib/places.ts', /\n$/, '\n// Ours.\n');
    copy.append('lib/strongroom/base/clock.ts', '// Ours.\n');
    const before = copy.commit('Our own');
    const main = join(import.meta.dirname, '../../scripts/upgrade.ts');
    const args = [main, '0.4.0', '--drop-core-edits', '--offline'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy.folder, encoding: 'utf8' });
    expect([status, stdout]).toEqual([
      2,
      expect.stringMatching(/To be decided .*: 1\n {2}lib\/places\.ts\n/),
    ]);
    expect(copy.read('lib/places.ts')).toMatch(/<{7}[\s\S]*Ours[\s\S]*={7}[\s\S]*0\.4\.0[\s\S]*>{7}/);
    const [, undo = ''] = /as it was: (git reset --hard \w+)/.exec(stdout) ?? [];
    execFileSync('git', undo.split(' ').slice(1), { cwd: copy.folder, stdio: 'ignore' });
    expect(copy.git.run('rev-parse', 'HEAD').trim()).toBe(before);
    expect(copy.git.run('status', '--porcelain')).toBe('');
  });

  it('of an edited core is rejected, or saves the edits as a patch that can be applied', () => {
    const copy = world.clone();
    copy.change(log, /^/, '// Ours.\n');
    copy.write('lib/strongroom/base/ours.ts', 'export const ours = 1;\n');
    const before = copy.commit('Edits of the core');
    const edited = /The core is edited[\s\S]*base\/log\.ts\n[\s\S]*base\/ours\.ts\n[\s\S]*--drop-core-edits/;
    expect(() => copy.upgrade({ version: '0.2.0' })).toThrow(edited);
    expect(copy.git.run('rev-parse', 'HEAD').trim()).toBe(before);
    const { patchFile, droppedEdits } = copy.upgrade({ version: '0.2.0', dropsCoreEdits: true });
    expect([copy.hasCoreOf('0.2.0'), droppedEdits]).toEqual([true, [log, 'lib/strongroom/base/ours.ts']]);
    expect(readFileSync(patchFile ?? '', 'utf8')).toContain('+// Ours.');
    copy.git.run('reset', '--hard', '-q', 'v0.1.0');
    copy.git.run('apply', '--index', patchFile ?? '');
    expect(copy.read(log)).toMatch(/^\/\/ Ours\.\n/);
  });

  it('keeps the edits of a file that moves into the core as a patch', () => {
    const copy = world.clone();
    copy.append('lib/moved.ts', '// Ours.\n');
    copy.commit('Edits');
    const { patchFile } = copy.upgrade({ version: '0.2.0' });
    expect([existsSync(join(copy.folder, 'lib/moved.ts')), copy.hasCoreOf('0.2.0')]).toEqual([false, true]);
    expect(readFileSync(patchFile ?? '', 'utf8')).toContain('+// Ours.');
  });
});

describe('an upgrade that cannot be made changes nothing, and says why:', () => {
  const reasonOf = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      // Anything else is no sentence for a person.
      if (error instanceof UpgradeProblem) return error.message;
      throw error;
    }
    return 'nothing';
  };
  const rejectsWith = (copy: Copy, version: string, words: RegExp) => {
    const state = () => copy.git.run('status', '--porcelain') + copy.git.run('rev-parse', 'HEAD');
    const before = state();
    const message = reasonOf(() => copy.upgrade({ version }));
    expect(message).toMatch(words);
    expect(state()).toBe(before);
  };

  it('unknown, older and changed releases, and what is not committed', () => {
    const copy = world.clone();
    rejectsWith(copy, '9.9.9', /no release 9\.9\.9\. There are: 0\.1\.0, 0\.2\.0, 0\.3\.0, 0\.4\.0\./);
    rejectsWith(copy, '0.1.0', /Your copy has 0\.1\.0/);
    copy.git.run('update-ref', 'refs/strongroom/v0.2.0', 'HEAD');
    rejectsWith(copy, '0.2.0', /has changed since .*: v0\.2\.0\./);
    copy.write('app/new.ts', '');
    rejectsWith(copy, '0.2.0', /Commit or stash[\s\S]*app\/new\.ts/);
  });

  it('no remote, no repository, and a repository that holds more', () => {
    const copy = world.clone();
    copy.git.run('remote', 'remove', 'strongroom');
    rejectsWith(copy, '0.2.0', /git remote add strongroom/);
    expect(() => copy.upgrade({ version: '0.2.0', from: join(world.folder, 'none') })).toThrow(/git fetch/);
    const outside = join(world.folder, 'outside');
    mkdirSync(outside);
    expect(() => upgradeCopy(outside, { version: '0.2.0' })).toThrow(/no Git repository/);
    expect(() => upgradeCopy(join(copy.folder, 'app'), { version: '0.2.0' })).toThrow(/of its own/);
  });
});
