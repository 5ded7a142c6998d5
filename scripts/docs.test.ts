import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  addressOfRoute,
  findBrokenLinks,
  findMissing,
  findWrongLines,
  listErrorCodes,
  listErrorReasons,
  listEvents,
  listReasons,
  type ReadFile,
} from './docs-checks.ts';
import { findTableProblems, mendRowTables } from './row-table.ts';
import { readTestFiles } from './test-files.ts';

const root = join(import.meta.dirname, '..');
const read: ReadFile = (path) => {
  const file = join(root, path);
  if (!existsSync(file)) return null;
  return statSync(file).isDirectory() ? '' : readFileSync(file, 'utf8');
};
const textOf = (path: string) => read(path) ?? '';
const listFiles = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .toSorted();
const docs = ['README.md', ...listFiles('docs').filter((path) => path.endsWith('.md'))].map((path) => ({
  path,
  text: textOf(path),
}));

describe.each(docs)('$path', (doc) => {
  it('links to nothing that is not there', () => {
    expect(findBrokenLinks(doc, read)).toEqual([]);
  });

  it('names lines where the named function stands', () => {
    expect(findWrongLines(doc, read)).toEqual([]);
  });
});

describe('the documents together', () => {
  it('explain every error code', () => {
    const codes = listErrorCodes(textOf('lib/strongroom/base/errors.ts'));
    expect(codes).toContain('access_denied');
    expect(findMissing(textOf('docs/troubleshooting.md'), codes)).toEqual([]);
  });

  it('explain every reason that the log can hold', () => {
    const sources = listFiles('lib').filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
    const reasons = [
      ...listErrorReasons(textOf('lib/strongroom/base/error-reasons.ts')),
      ...sources
        .filter((path) => !path.startsWith('lib/strongroom/testing/'))
        .flatMap((path) => listReasons(textOf(path))),
    ];
    expect(reasons).toContain('iss_mismatch');
    expect(findMissing(textOf('docs/troubleshooting.md'), reasons)).toEqual([]);
  });

  it('OP-03: list every event that the log can hold', () => {
    const sources = [...listFiles('lib'), ...listFiles('app'), 'proxy.ts', 'instrumentation.ts'];
    const events = sources
      .filter((path) => /\.tsx?$/.test(path) && !/\.test\.ts$|^lib\/testing\//.test(path))
      .flatMap((path) => listEvents(textOf(path)));
    expect(events).toEqual(expect.arrayContaining(['signed_in', 'guard_failed', 'request_failed']));
    const lists = textOf('docs/deployment.md') + textOf('docs/troubleshooting.md');
    expect(findMissing(lists, events)).toEqual([]);
  });

  it('quote what people see on the problem page, word for word', () => {
    const words = textOf('app/sign-in/problem/problem-words.ts');
    const titles = [...words.matchAll(/title: '(.+)',/g)].map(([, title = '']) => title);
    expect(titles.length).toBeGreaterThan(5);
    expect(titles.filter((title) => !textOf('docs/troubleshooting.md').includes(`"${title}"`))).toEqual([]);
  });

  it('name every page and route in the README', () => {
    const addresses = listFiles('app').flatMap((file) => addressOfRoute(file) ?? []);
    expect(addresses).toContain('/auth/sign-out');
    expect(findMissing(textOf('README.md'), addresses)).toEqual([]);
  });

  it('name every npm script in the README', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const names = Object.keys(scripts).filter((name) => !/^pre(?=demo|dev|test|bench)/.test(name));
    const commands = names.map((name) =>
      ['test', 'start'].includes(name) ? `npm ${name}` : `npm run ${name}`,
    );
    expect(findMissing(textOf('README.md'), commands)).toEqual([]);
  });

  it('list exactly the rows that tests carry in their names', () => {
    const text = textOf('docs/security.md');
    const tests = readTestFiles(root);
    expect(findTableProblems(text, tests)).toEqual([]);
    expect(mendRowTables(text, tests) === text, 'run: npm run format').toBe(true);
  });

  it('point at each of the six steps of the grant by file and line', () => {
    const rows = textOf('docs/architecture.md').match(/^\| [1-6] \|.*#L\d+\).*$/gm);
    expect(rows).toHaveLength(6);
  });
});

describe('the checks', () => {
  const files: Record<string, string> = {
    'lib/a.ts': '/** AZ-02 is only mentioned. */\nexport function start() {}\n',
    'lib/a.test.ts': "// CB-02\nit('AZ-01: starts', () => {});\n",
    lib: '',
  };
  const readFake: ReadFile = (path) => files[path] ?? null;
  const page = (text: string) => ({ path: 'docs/page.md', text });

  it('notice a link that leads nowhere', () => {
    expect(findBrokenLinks(page('[a](../lib/a.ts#L1) [b](https://b.example) [c](#c)'), readFake)).toEqual([]);
    expect(findBrokenLinks(page('[a](../lib/b.ts)'), readFake)).toEqual([
      'docs/page.md: the link to ../lib/b.ts leads nowhere',
    ]);
    expect(findBrokenLinks(page('<img src="images/none.png">'), readFake)).toHaveLength(1);
  });

  it('notice a function that stands on another line, and say which', () => {
    expect(findWrongLines(page('[lib/a.ts:2](../lib/a.ts#L2) `start`'), readFake)).toEqual([]);
    expect(findWrongLines(page('[lib/a.ts:1](../lib/a.ts#L1) `start`'), readFake)).toEqual([
      'docs/page.md: lib/a.ts:1 names start, which stands on line 2',
    ]);
    expect(findWrongLines(page('[lib/a.ts:1](../lib/a.ts#L1) `end`'), readFake)).toHaveLength(1);
    expect(findWrongLines(page('[lib/a.ts:1](../lib/a.ts#L2)'), readFake)).toHaveLength(1);
    expect(findWrongLines(page('[lib/a.ts:9](../lib/a.ts#L9)'), readFake)).toHaveLength(1);
    expect(findWrongLines(page('[lib/b.ts:1](../lib/b.ts#L1)'), readFake)).toHaveLength(1);
  });

  it('read reasons and addresses from the code', () => {
    expect(listReasons("throw new AppError('x', { reason: 'one' });\nconst reason = 'two';")).toEqual([
      'one',
    ]);
    expect(listErrorReasons("type A =\n  | 'one'\n  | 'two';\n  three: 'three' | 'four';")).toEqual([
      ...['one', 'two', 'three', 'four'],
    ]);
    expect(addressOfRoute('app/page.tsx')).toBe('/');
    expect(addressOfRoute('app/a/[id]/route.ts')).toBe('/a/[id]');
    expect(addressOfRoute('app/layout.tsx')).toBeNull();
  });

  it('notice a word that is missing', () => {
    const codes = listErrorCodes("type ErrorCode =\n  | 'one'\n  | 'two';\nconst x = 'three';");
    expect(codes).toEqual(['one', 'two']);
    expect(findMissing('what `one` means', codes)).toEqual(['two']);
  });
});
