/** `npm run upgrade`: what adopters have changed is still there after three releases, and the core is the release's. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UpgradeProblem } from '../../scripts/upgrade/git.ts';
import { lockElsewhere } from '../../scripts/upgrade/lock-elsewhere.ts';
import { mergeRelease } from '../../scripts/upgrade/merge-release.ts';
import { upgradeCopy } from '../../scripts/upgrade/upgrade-copy.ts';
import { adopterChanges, contains } from './adopter-changes.ts';
import { makeReleases } from './simulated-releases.ts';
import { type Copy, UpgradeWorld } from './upgrade-world.ts';

const world = new UpgradeWorld();
beforeAll(() => {
  vi.stubEnv('GIT_CONFIG_GLOBAL', world.settings);
  world.start();
  makeReleases(world);
});
afterAll(() => {
  world.close();
  vi.unstubAllEnvs();
});

const log = 'lib/strongroom/base/log.ts';

function makeChanges(copy: Copy): void {
  for (const { make } of adopterChanges) make(copy);
  copy.commit('Our application');
}

const listLost = (copy: Copy) =>
  adopterChanges.filter(({ isThere }) => !isThere(copy)).map(({ name }) => name);

describe('twelve changes', () => {
  const rest = [
    ['README.md', 'A line of 0.2.0.'],
    ['app/globals.css', '.of-0-2'],
    ['deploy/Dockerfile', 'NEW=1'],
    ['next.config.js', 'compress: false,'],
    ['.env.example', '# NEW='],
    ['lib/places.ts', '// Changed in 0.4.0.'],
    ['app/new-page/page.tsx', 'NewPage'],
    ['package.json', '"new-package": "^1.0.0"'],
    ['package.json', '"react": "^19.9.0"'],
  ] as const;
  const listMissing = (copy: Copy) => rest.filter(([path, text]) => !contains(path, text)(copy));

  it('of a clone outlast three releases: no conflict is left, and what else is new is there', () => {
    const copy = world.clone();
    makeChanges(copy);
    expect([adopterChanges.length, listLost(copy), listMissing(copy).length]).toEqual([12, [], rest.length]);
    for (const version of ['0.2.0', '0.3.0', '0.4.0']) {
      const upgrade = copy.upgrade({ version });
      const clean = { conflicts: [], droppedEdits: [], patchFile: null, to: version, hasJoined: false };
      expect(upgrade).toMatchObject(clean);
      expect([version, copy.hasCoreOf(version), listLost(copy)]).toEqual([version, true, []]);
    }
    expect(listMissing(copy)).toEqual([]);
    expect(copy.git.run('log', '-1', '--format=%s').trim()).toBe('Upgrade to Strongroom 0.4.0');
  });

  it('of a copy without the history of the releases do too, over several at once, after a dry run', () => {
    const copy = world.unpack();
    makeChanges(copy);
    const state = () => copy.git.run('rev-parse', 'HEAD') + copy.git.run('status', '--porcelain');
    const before = state();
    const tried = copy.upgrade({ version: '0.3.0', isDryRun: true });
    expect([state(), listLost(copy)]).toEqual([before, []]);
    expect(copy.git.run('worktree', 'list').trim().split('\n')).toHaveLength(1);
    const upgrade = copy.upgrade({ version: '0.3.0' });
    expect(upgrade).toEqual(tried);
    expect(upgrade).toMatchObject({ conflicts: [], keptYours: ['README.md'], hasJoined: true });
    const ofSample = ['contacts/page.tsx', 'messages/new-part.tsx'].map((name) => `app/dashboard/${name}`);
    expect(upgrade.staysDeleted).toEqual(expect.arrayContaining([...ofSample, 'e2e/new-sample.spec.ts']));
    const next = copy.upgrade({ version: '0.4.0' });
    expect(next).toMatchObject({ conflicts: [], hasJoined: false });
    expect([copy.hasCoreOf('0.4.0'), listLost(copy), listMissing(copy)]).toEqual([true, [], []]);
  });
});

describe('an upgrade', () => {
  it('leaves to the adopter what both sides changed, says how to go on, and one command undoes all of it', () => {
    const copy = world.clone();
    copy.change('lib/places.ts', /\n$/, '\n// Ours.\n');
    copy.append('lib/moved.ts', '// Ours.\n');
    const before = copy.commit('Our own');
    const main = join(import.meta.dirname, '../../scripts/upgrade.ts');
    const args = [main, '0.4.0', '--offline'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy.folder, encoding: 'utf8' });
    expect([status, stdout]).toEqual([
      2,
      expect.stringMatching(/To be decided .*: 1\n {2}lib\/places\.ts\n/),
    ]);
    // A file of the adopter's that moves into the core is the release's there, and the edits are kept.
    const [, patch = ''] = /are saved in (.*)/.exec(stdout) ?? [];
    expect([existsSync(join(copy.folder, 'lib/moved.ts')), readFileSync(patch, 'utf8')]).toEqual([
      false,
      expect.stringContaining('+// Ours.'),
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
    copy.git.run('reset', '--hard', '-q', 'refs/strongroom/v0.1.0');
    copy.git.run('apply', '--index', patchFile ?? '');
    expect(copy.read(log)).toMatch(/^\/\/ Ours\.\n/);
  });
});

describe('a release that is not what it should be', () => {
  it('has no say in how npm finds packages: the .npmrc that the adopter had counts', () => {
    const copy = world.unpack();
    copy.write('.npmrc', 'registry=https://ours.example/');
    const before = copy.commit('Our registry');
    copy.write('.npmrc', 'registry=https://theirs.example/');
    copy.commit('Their registry');
    const lock = (folder: string) => {
      expect(readFileSync(join(folder, '.npmrc'), 'utf8')).toContain('ours.example');
      expect(existsSync(join(folder, 'lib/strongroom/package.json'))).toBe(true);
      writeFileSync(join(folder, 'package-lock.json'), '{"locked":true}');
      return true;
    };
    expect(lockElsewhere(copy.git, before, lock)).toBe(true);
    expect(copy.read('package-lock.json')).toBe('{"locked":true}');
    // One that the adopter had not at all.
    const none = lockElsewhere(copy.git, `${before}~1`, (folder) => existsSync(join(folder, '.npmrc')));
    expect(none).toBe(false);
    // One with credentials, which Git does not know.
    copy.git.run('rm', '-q', '--cached', '.npmrc');
    const secret = lockElsewhere(copy.git, `${before}~1`, (folder) => existsSync(join(folder, '.npmrc')));
    expect(secret).toBe(true);
  });

  it('does not write to where a link leads', () => {
    const copy = world.unpack();
    const outside = join(world.folder, 'outside.md');
    writeFileSync(outside, 'Not to be lost.');
    const link = (target: string) => {
      rmSync(join(copy.folder, 'notes.md'), { force: true });
      symlinkSync(target, join(copy.folder, 'notes.md'));
      return copy.commit(`A link to ${target}`);
    };
    const base = link('README.md');
    const commit = link('docs/deployment.md');
    copy.git.run('reset', '--quiet', '--hard', base);
    link(outside);
    const { conflicts } = mergeRelease(copy.git, base, { version: '0.2.0', commit });
    expect([conflicts, readFileSync(outside, 'utf8')]).toEqual([['notes.md'], 'Not to be lost.']);
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
    // As the sentence says.
    copy.git.run('update-ref', '-d', 'refs/strongroom/v0.2.0');
    copy.append('.gitignore', 'app/new-page\n');
    copy.commit('Ignores');
    copy.write('app/new-page/page.tsx', 'Not to be lost.');
    rejectsWith(copy, '0.3.0', /files where you have some[\s\S]*\napp\/new-page\/page\.tsx/);
    expect(copy.read('app/new-page/page.tsx')).toBe('Not to be lost.');
    copy.write('app/new.ts', '');
    rejectsWith(copy, '0.2.0', /Commit or stash[\s\S]*app\/new\.ts/);
  });

  it('files that Git does not know, wherever the release would write or delete', () => {
    const copy = world.clone();
    copy.git.run('rm', '-q', '--cached', 'deploy/Dockerfile');
    copy.append('.gitignore', 'deploy/Dockerfile\napp/new-page\n');
    copy.commit('Ours, and private');
    copy.write('deploy/Dockerfile', 'Not to be lost.');
    rejectsWith(copy, '0.3.0', /files where you have some[\s\S]*\ndeploy\/Dockerfile/);
    expect(copy.read('deploy/Dockerfile')).toBe('Not to be lost.');
    copy.write('app/new-page', 'A file where the release has a folder.');
    rejectsWith(copy, '0.3.0', /\napp\/new-page\n/);
    copy.git.run('config', 'status.showUntrackedFiles', 'no');
    copy.write('lib/strongroom/mine.ts', 'Not to be lost.');
    rejectsWith(copy, '0.2.0', /Commit or stash[\s\S]*lib\/strongroom\/mine\.ts/);
  });

  it('a package.json that cannot be read', () => {
    const copy = world.clone();
    copy.change('package.json', /^/, '\uFEFF');
    copy.commit('With a byte order mark');
    rejectsWith(copy, '0.4.0', /your copy is as it was|package\.json/);
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
