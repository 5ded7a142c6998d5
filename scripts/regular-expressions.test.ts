/** No text from outside can keep a regular expression of ours busy. RL-05 @see OWASP ReDoS */
import { describe, expect, it } from 'vitest';
import { listExpressions, listPumps } from '../lib/strongroom/testing/regular-expressions';
import { isTestSupport, readSources } from '../lib/strongroom/testing/source-files';

const sources = readSources(['app', 'lib', 'sample'], ['proxy.ts', 'instrumentation.ts']).filter(
  (source) => !isTestSupport(source),
);
/** Never applied to text from outside: only to what the operator wrote, and what JSON.parse has accepted before. */
const spared =
  /^(lib\/strongroom\/config\/(apis|environment-schema|parse-config|secrets)|sample\/api\/http\/repeated-keys)\.ts$/;
const everything = listExpressions(sources);
const found = everything.filter(({ path }) => !spared.test(path));

const chars = 15_000;

/** Processor time, because other work on the same machine does not lengthen it. */
function cpuMs(expression: RegExp, text: string): number {
  const before = process.cpuUsage();
  text.replace(expression, '');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * A fifth of what an expression costs that goes on from every start to the end, on this machine at this moment. A linear expression costs
 * less than a hundredth of it.
 */
const limitMs = () => cpuMs(/ +$/, `${' '.repeat(chars)}\u0001`) / 5;
const usualLimitMs = Math.min(limitMs(), limitMs(), limitMs());

/** Whether there is a text that makes it slow; what the engine does once is none of it, so a slow text is tried again. */
function isCareless(expression: RegExp): boolean {
  const isSlow = (text: string) => cpuMs(expression, text) > limitMs();
  return listPumps(expression, chars).some(
    (text) => cpuMs(expression, text) > usualLimitMs && isSlow(text) && isSlow(text),
  );
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
    const paths = everything.map(({ path }) => path).filter((path) => spared.test(path));
    expect(new Set(paths).size).toBe(5);
    const made = sources.filter(({ text: code }) => /\bnew RegExp\(|\bRegExp\(/.test(code));
    // Of the texts that Next's build made, and that Next applies to the same addresses.
    expect(made.map(({ path }) => path)).toEqual(['lib/strongroom/server/page-routes.ts']);
  });

  it.each([/\s+$/, /\w+@/, /,.*;/, /\P{L}+$/u])('a careless one like %s is noticed', (expression) => {
    expect(isCareless(expression)).toBe(true);
  });

  it.each(found.map(({ path, expression }) => [String(expression), path, expression] as const))(
    'RL-05: %s of %s takes no time for 15 kB of anything',
    (_text, _path, expression) => {
      expect(isCareless(expression)).toBe(false);
    },
  );
});
