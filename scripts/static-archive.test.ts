import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeEarlierBuilds, selectKept } from './static-archive';

const dayMs = 24 * 3_600_000;
const startMs = Date.parse('2026-03-12T14:05:00Z');
let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'strongroom-archive-'));
  folder = join(home, 'archive');
  mkdirSync(folder);
});
afterEach(() => rmSync(home, { recursive: true }));

/** A build with a script of its own and one that all have, on a day; its files after the merge. */
function buildOn(day: number, id = `build-${day}`): string[] {
  const output = join(home, id);
  mkdirSync(join(output, 'chunks'), { recursive: true });
  writeFileSync(join(output, 'chunks', `${id}.js`), id);
  writeFileSync(join(output, 'chunks', 'shared.js'), id);
  mergeEarlierBuilds(output, { folder, buildId: id, nowMs: startMs + day * dayMs });
  return readdirSync(join(output, 'chunks')).toSorted();
}
const readShared = (id: string) => readFileSync(join(home, id, 'chunks/shared.js'), 'utf8');

describe('the static files of earlier builds', () => {
  it('are in the output of the next ones, and replace none of their own', () => {
    expect(buildOn(0)).toEqual(['build-0.js', 'shared.js']);
    expect(buildOn(1)).toEqual(['build-0.js', 'build-1.js', 'shared.js']);
    expect(buildOn(2)).toEqual(['build-0.js', 'build-1.js', 'build-2.js', 'shared.js']);
    expect([readShared('build-2'), readdirSync(folder).length]).toEqual(['build-2', 3]);
  });

  it('go when they were replaced more than two weeks ago; the build in use stays, however old it is', () => {
    buildOn(0);
    buildOn(100);
    expect(buildOn(101)).toContain('build-0.js');
    expect(buildOn(115)).toEqual(
      ['build-101.js', 'build-115.js', 'shared.js'].toSpliced(0, 0, 'build-100.js'),
    );
    expect(readdirSync(folder).map((name) => name.split('.').at(-1))).toEqual([
      'build-100',
      'build-101',
      'build-115',
    ]);
  });

  it('are fifty builds at most', () => {
    const builds = Array.from({ length: 80 }, (_, index) => ({ builtMs: startMs - index }));
    expect(selectKept(builds, startMs)).toEqual(builds.slice(0, 50));
  });

  it('are replaced when the same build is finished again', () => {
    buildOn(0);
    buildOn(1, 'build-0');
    expect(readdirSync(folder)).toEqual(['2026-03-13T14-05-00.000Z.build-0']);
  });

  it('never come through a link, and nothing else in the folder is touched', () => {
    buildOn(0);
    writeFileSync(join(home, 'secret'), 'secret');
    symlinkSync(join(home, 'secret'), join(folder, readdirSync(folder)[0] ?? '', 'chunks/secret.js'));
    for (const name of ['notes', '2020-01-01T00-00-00.000Z.', '2020-99-01T00-00-00.000Z.x'])
      mkdirSync(join(folder, name));
    expect(buildOn(30)).toEqual(['build-0.js', 'build-30.js', 'shared.js']);
    expect(buildOn(60)).not.toContain('secret.js');
    for (const name of ['notes', '2020-01-01T00-00-00.000Z.', '2020-99-01T00-00-00.000Z.x'])
      expect(existsSync(join(folder, name))).toBe(true);
  });

  it('are scripts, styles, fonts and pictures: no page and no program comes from the archive', () => {
    buildOn(0);
    const chunks = join(folder, readdirSync(folder)[0] ?? '', 'chunks');
    const names = ['a.css', 'a.html', 'a.js.sh', 'a.node', 'a.php', 'a.svg', 'a.woff2', 'noname'];
    for (const name of names) writeFileSync(join(chunks, name), '');
    expect(buildOn(1)).toEqual(['a.css', 'a.svg', 'a.woff2', 'build-0.js', 'build-1.js', 'shared.js']);
  });

  it('are not those of a build of the future, which would stay the newest', () => {
    buildOn(40, 'ahead');
    buildOn(0);
    expect(buildOn(1)).toEqual(['build-0.js', 'build-1.js', 'shared.js']);
    expect(buildOn(41)).toContain('ahead.js');
  });

  it('that were not written to the end go, unless a build may be writing them', () => {
    buildOn(0);
    const [old, current, other] = ['2026-03-11T14-05-00.000Z.x', '2026-03-13T13-35-00.000Z.y', 'notes'].map(
      (name) => join(folder, `${name}.unfinished`),
    );
    for (const path of [old, current, other]) mkdirSync(join(String(path), 'chunks'), { recursive: true });
    expect(buildOn(1)).toContain('build-0.js');
    expect([old, current, other].map((path) => existsSync(String(path)))).toEqual([false, true, true]);
  });

  it('need a folder that is there', () => {
    const archive = { buildId: 'x', nowMs: startMs };
    for (const wrong of [join(home, 'missing'), join(home, 'a-file')]) {
      writeFileSync(join(home, 'a-file'), '');
      expect(() => mergeEarlierBuilds(home, { ...archive, folder: wrong })).toThrow(
        /^STATIC_ARCHIVE=.* is no folder/,
      );
    }
    writeFileSync(join(folder, '2026-03-12T14-05-00.000Z.a-file'), '');
    expect(() => mergeEarlierBuilds(join(home, 'nothing'), { ...archive, folder })).toThrow(
      /^STATIC_ARCHIVE=.* cannot be read and written/,
    );
  });
});
