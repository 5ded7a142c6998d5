import { describe, expect, it } from 'vitest';
import { findRows, mendRowTable } from './row-table.ts';

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

describe('the table of rows', () => {
  it('lists the rows that names of tests carry, sessions first, and nothing that is only mentioned', () => {
    expect([...findRows(files)]).toEqual([
      ['RF-03', ['e2e/a.spec.ts', 'lib/b.test.ts']],
      ['SE-04', ['lib/b.test.ts']],
      ['AZ-02', ['e2e/a.spec.ts']],
    ]);
  });

  it('takes the place of the table that was there, and of nothing else', () => {
    const page = 'Before.\n\n| row | state | tests |\n|---|---|---|\n| CB-01 | tested | old |\n\nAfter.\n';
    expect(mendRowTable(page, files.slice(0, 1))).toBe(
      'Before.\n\n| row | state | tests |\n|---|---|---|\n' +
        '| RF-03 | tested | [lib/b.test.ts](../lib/b.test.ts) |\n| SE-04 | tested | [lib/b.test.ts](../lib/b.test.ts) |\n\nAfter.\n',
    );
  });
});
