import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { authRoutes } from '../../lib/strongroom/server/validate-request';
import {
  addressOfRoute,
  findBrokenLinks,
  findLineLinks,
  findMisnamed,
  findMissing,
  listErrorCodes,
  listErrorReasons,
  listEvents,
  listReasons,
  type ReadFile,
} from '../../scripts/docs-checks.ts';
import { findTableProblems, mendRowTables } from '../../scripts/row-table.ts';
import { readTestFiles } from '../../scripts/test-files.ts';

const root = join(import.meta.dirname, '../..');
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

/** The bars and dashes of tables and drawings are no words. */
const isWord = (part: string) => /[\p{L}\p{N}]/u.test(part);
const count = (texts: string[]) => texts.join('\n').split(/\s+/).filter(isWord).length;

/** For one provider, for one task that is done once, or for one question that was decided. */
const isForOneOccasion = (path: string) =>
  /^docs\/((providers|decisions)\/.+|device-binding|existing-app|testing|upgrading|alerts|performance|redis|telemetry)\.md$/.test(
    path,
  );

describe.each(docs)('$path', (doc) => {
  it('links to nothing that is not there', () => {
    expect(findBrokenLinks(doc, read)).toEqual([]);
  });

  it('names functions where they are declared, and no line', () => {
    expect(findMisnamed(doc, read)).toEqual([]);
    expect(findLineLinks(doc)).toEqual([]);
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
    const events = listEvents(textOf('lib/strongroom/base/events.ts'));
    expect(events).toEqual(expect.arrayContaining(['signed_in', 'guard_failed', 'request_failed']));
    const [, list = ''] = textOf('docs/troubleshooting.md').split('\n## Events\n');
    expect(findMissing(list.split('\n## ')[0] ?? '', events)).toEqual([]);
    const sources = listFiles('lib').filter(
      (path) => /(?<!\.test)\.ts$/.test(path) && !path.endsWith('/events.ts'),
    );
    const code = sources.map(textOf).join('\n');
    expect(events.filter((event) => !code.includes(`'${event}'`))).toEqual([]);
  });

  it('quote what users see on the problem page, word for word', () => {
    const words = textOf('app/sign-in/problem/problem-words.ts');
    const titles = [...words.matchAll(/title: '(.+)',/g)].map(([, title = '']) => title);
    expect(titles.length).toBeGreaterThan(5);
    expect(titles.filter((title) => !textOf('docs/troubleshooting.md').includes(`"${title}"`))).toEqual([]);
  });

  it('name every page and route in the architecture', () => {
    const addresses = [...listFiles('app').flatMap((file) => addressOfRoute(file) ?? []), ...authRoutes];
    expect(addresses).toEqual(expect.arrayContaining(['/signed-out', '/auth/sign-out']));
    expect(findMissing(textOf('docs/architecture.md'), addresses)).toEqual([]);
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
    const text = textOf('docs/proofs.md');
    const tests = readTestFiles(root);
    expect(findTableProblems(text, tests)).toEqual([]);
    expect(mendRowTables(text, tests) === text, 'run: npm run format').toBe(true);
  });

  it('point at each of the six steps of the grant by file and function', () => {
    const rows = textOf('docs/architecture.md').match(/^\| [1-6] \|.*\.ts\) `\w+`.*$/gm);
    expect(rows).toHaveLength(6);
  });

  it('are short enough to be read: the README, and all together without the lists of proofs, variables and events', () => {
    expect(count([textOf('README.md')])).toBeLessThanOrEqual(1_200);
    const read = docs.filter(({ path }) => path !== 'docs/proofs.md' && !isForOneOccasion(path));
    const texts = read.map(({ text }) => text);
    const [, events = ''] = textOf('docs/troubleshooting.md').split('\n## Events\n');
    const rows = textOf('docs/configuration.md').match(/^\| `[A-Z][A-Z0-9_]+` \|.*$/gm) ?? [];
    const lists = [...rows, events.split('\n## ')[0] ?? ''];
    expect(count(texts) - count(lists)).toBeLessThanOrEqual(10_000);
  });

  it('are short enough to be read: each page for one occasion, of which an adopter reads one', () => {
    const pages = docs.filter(({ path }) => isForOneOccasion(path));
    expect(pages.length).toBeGreaterThan(5);
    const most = (path: string) => (/^docs\/(?:providers|decisions)\//.test(path) ? 300 : 650);
    expect(pages.filter(({ path, text }) => count([text]) > most(path)).map(({ path }) => path)).toEqual([]);
  });

  it('give every decision a date and a status below its title', () => {
    const decisions = docs.filter(({ path }) => path.startsWith('docs/decisions/'));
    const shape = /^# \d{4} – .+\n\n\d{4}-\d\d-\d\d · (?:accepted|superseded)/;
    expect(decisions.length).toBeGreaterThan(15);
    expect(decisions.filter(({ text }) => !shape.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('the checks', () => {
  const files: Record<string, string> = {
    'lib/a.ts': 'export function start() {}\n  const inner = 1;\n',
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

  it('notice a function that the linked file does not declare, and a link to a line', () => {
    expect(findMisnamed(page('[a](../lib/a.ts) `start`, `inner` and `AUTH_URL`'), readFake)).toEqual([
      'docs/page.md: ../lib/a.ts does not declare AUTH_URL',
    ]);
    expect(findMisnamed(page('[a](../lib/a.ts) is `other`'), readFake)).toEqual([]);
    expect(findMisnamed(page('[a](../lib/b.ts) `start`'), readFake)).toHaveLength(1);
    expect(findLineLinks(page('[a](../lib/a.ts#L1) [b](../lib/a.ts)'))).toHaveLength(1);
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
