import { describe, expect, it } from 'vitest';
import { findRows, findTableProblems, mendRowTables } from './row-table.ts';

const files = [
  {
    path: 'lib/b.test.ts',
    text: "// CB-01 is only mentioned.\nit('RF-03, SE-04: one refresh', () => {});\n",
  },
  {
    path: 'e2e/a.spec.ts',
    text: "it.each([['x']])(\n  `AZ-02 and RF-03`,\n  () => 'UTF-16 XY-01',\n);\n",
  },
];

describe('the tables of promises', () => {
  it('name the files whose tests carry the row, and nothing that is only mentioned', () => {
    expect([...findRows(files)]).toEqual([
      ['RF-03', ['e2e/a.spec.ts', 'lib/b.test.ts']],
      ['SE-04', ['lib/b.test.ts']],
      ['AZ-02', ['e2e/a.spec.ts']],
    ]);
  });

  it('keep the promise, renew the proof, and leave a reason where no test is', () => {
    const page =
      'Before.\n\n| RF-03 | One refresh | open: soon |\n| CB-01 | Clean | not applicable: none |\n\nAfter.\n';
    expect(mendRowTables(page, files.slice(0, 1))).toBe(
      'Before.\n\n| RF-03 | One refresh | [lib/b.test.ts](../lib/b.test.ts) |\n| CB-01 | Clean | not applicable: none |\n\nAfter.\n',
    );
  });

  it('are complete, without doubles, and give a reason for every row without a test', () => {
    const page =
      '| RF-03 | a | x |\n| SE-04 | b | x |\n| AZ-02 | c | x |\n| CB-01 | d | not applicable: none |\n| RL-01 | e | open: later |\n';
    expect(findTableProblems(page, files)).toEqual([]);
    expect(findTableProblems(`${page}| RF-03 | a | x |\n`, files)).toEqual(['RF-03 has two rows']);
    expect(findTableProblems(page.replace('SE-04', 'SE-05'), files)).toEqual([
      'SE-04 has a test and no row',
      'SE-05 has neither a test nor a reason',
    ]);
    expect(findTableProblems(page.replace('open: later', '[gone](../gone.test.ts)'), files)).toEqual([
      'RL-01 has neither a test nor a reason',
    ]);
  });
});
