/** No text that somebody else writes can keep a regular expression of ours busy. RL-05 @see OWASP ReDoS */
import { describe, expect, it } from 'vitest';
import { listExpressions, listPumps } from '../lib/strongroom/testing/regular-expressions';
import { isTestSupport, readSources } from '../lib/strongroom/testing/source-files';

const sources = readSources(['app', 'lib', 'sample'], ['proxy.ts', 'instrumentation.ts']).filter(
  (source) => !isTestSupport(source),
);
/** Never applied to a text of anybody: what the operator wrote, and what JSON.parse has accepted before. */
const spared =
  /^(lib\/(config\/|base\/is-below\.ts|api\/proxy\/proxied-path\.ts)|sample\/(settings|api\/http\/repeated-keys)\.ts)/;
const found = listExpressions(sources).filter(({ path }) => !spared.test(path));

/** A linear expression needs a hundredth of this; one that goes on from every start to the end needs many times as much. */
const generousMs = 25;

/** The slowest text; a pause of the machine is none, so what was slow is tried again. */
function slowestMs(expression: RegExp): number {
  const timeOf = (text: string) => {
    const startMs = performance.now();
    text.replace(expression, '');
    return performance.now() - startMs;
  };
  let slowest = 0;
  for (const text of listPumps(expression, 15_000)) {
    const first = timeOf(text);
    const ms = first < generousMs ? first : Math.min(first, timeOf(text), timeOf(text));
    slowest = Math.max(slowest, ms);
    if (slowest > generousMs) return slowest;
  }
  return slowest;
}

describe('the regular expressions', () => {
  it('are found, in every way of writing them; and none is made of a text at run time', () => {
    const text =
      'const a = /^a[/]b$/i;\nif (/x\\/y/.test(b)) c(1, /z/u);\nreturn /q/;\nd = e / f / g; // /no/\n';
    expect(listExpressions([{ path: 'a.ts', text }]).map(({ expression }) => String(expression))).toEqual([
      '/^a[/]b$/i',
      '/x\\/y/',
      '/z/u',
      '/q/',
    ]);
    expect(found.length).toBeGreaterThan(45);
    expect(sources.filter(({ text: code }) => /\bnew RegExp\(|\bRegExp\(/.test(code))).toEqual([]);
  });

  it.each([/\s+$/, /\w+@/, /,.*;/])('a careless one like %s is noticed', (expression) => {
    expect(slowestMs(expression)).toBeGreaterThan(generousMs);
  });

  it.each(found.map(({ path, expression }) => [String(expression), path, expression] as const))(
    'RL-05: %s of %s takes no time for 15 kB of anything',
    (_text, _path, expression) => {
      expect(slowestMs(expression)).toBeLessThan(generousMs);
    },
  );
});
