import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources } from '../lib/strongroom/testing/source-files';
import { findAvoidedNames, listAvoidedWords, splitName } from './glossary.ts';

const root = join(import.meta.dirname, '..');
const glossary = readFileSync(join(root, 'docs/glossary.md'), 'utf8');
const avoided = listAvoidedWords(glossary);

/**
 * The bundled servers in `sample/` are another party and have words of their own. This file quotes the words
 * to avoid.
 */
function readCode() {
  const folders = ['app', 'lib', 'e2e', 'scripts', 'bench', 'docs'];
  return readSources(folders, ['proxy.ts', 'instrumentation.ts']).filter(
    ({ path }) => path !== 'scripts/glossary.test.ts',
  );
}

describe('the glossary', () => {
  it('is parsed: every entry of its last column becomes words', () => {
    expect(avoided).toEqual(expect.arrayContaining([['answer'], ['front', 'door'], ['look', 'up']]));
    expect(avoided.length).toBeGreaterThan(35);
  });

  it('has no word in its last column that the code uses as a name', () => {
    expect(findAvoidedNames(readCode(), avoided)).toEqual([]);
  });
});

describe('the search for names', () => {
  it.each([
    ['lib/attempt.ts', ''],
    ['lib/a.ts', 'export function judgeResponse() {}'],
    ['lib/a.ts', 'const apiAnswers = [];'],
    ['lib/a.ts', 'type FrontDoor = string;'],
    ['lib/a.ts', "log('info', x); logWarning('sign_in_refused');"],
    ['lib/a.ts', "return { kind: 'refused' };"],
  ])('notices a word to avoid in %s: %s', (path, text) => {
    expect(findAvoidedNames([{ path, text }], avoided)).toHaveLength(1);
  });

  it.each([
    '/** An answer. */',
    '// judge',
    "const a = 'the answer';",
    'const turnover = 1;',
    'const mayor = 2;',
  ])('leaves %s alone', (text) => {
    expect(findAvoidedNames([{ path: 'lib/a.ts', text }], avoided)).toEqual([]);
  });

  it('splits names in every way in which they are written', () => {
    expect([splitName('findLastSeen'), splitName('last-seen'), splitName('last_seen')]).toEqual([
      ['find', 'last', 'seen'],
      ['last', 'seen'],
      ['last', 'seen'],
    ]);
  });
});
