import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { declaration } from '../../lib/declaration';
import { parseConfig } from '../../lib/strongroom/config/parse-config';
import { listVariables, type Variable } from '../../lib/strongroom/config/variables';

const all = listVariables(declaration);
const root = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');

/** `| \`NAME\` | purpose | fallback |`: a fallback that is a value stands in backticks. */
function describeRow({ name, purpose, fallback }: Variable): string {
  const isValue = fallback !== null && fallback !== 'not sent' && fallback !== 'none';
  return `| \`${name}\` | ${purpose} | ${isValue ? `\`${fallback}\`` : (fallback ?? 'required')} |`;
}

/** The rows of the table of variables: three cells, the first of them a variable's name in capitals. */
function listRows(markdown: string): string[] {
  return markdown
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5 && /^`[A-Z][A-Z0-9_]+`$/.test(cells[1] ?? ''))
    .map((cells) => `| ${cells.slice(1, 4).join(' | ')} |`);
}

/** What need not be set stays a comment: a value that is set, be it the default, keeps that of a provider out. */
function describeExample({ name, purpose, example, fallback }: Variable): string {
  const isSet = fallback === null || name === 'AUTH_CLIENT_SECRET';
  return `# ${purpose}\n${isSet ? '' : '# '}${name}=${example}`;
}

describe('the documents about the variables', () => {
  it('.env.example lists exactly the variables, each with its purpose and example', () => {
    const pairs = read('.env.example').match(/^# .*\n(?:# )?[A-Z][A-Z0-9_]*=.*$/gm);
    expect(pairs).toEqual(all.map(describeExample));
    expect(read('.env.example').match(/^(?:# )?[A-Z][A-Z0-9_]*=/gm)).toHaveLength(all.length);
  });

  it('docs/configuration.md lists exactly the variables, with purpose and fallback', () => {
    expect(listRows(read('docs/configuration.md'))).toEqual(all.map(describeRow));
  });

  it('README.md lists exactly those that must be set', () => {
    const firstCells = [...read('README.md').matchAll(/^ *\| ((?:`[A-Z_]+`(?:, )?)+) \|/gm)].map(
      ([, cell = '']) => cell,
    );
    const names = firstCells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));
    expect(names).toEqual(all.filter(({ fallback }) => fallback === null).map(({ name }) => name));
  });

  it('a row with another purpose, a missing row and an unknown one are noticed', () => {
    const rows = all.map(describeRow);
    expect(listRows(rows.join('\n'))).toEqual(rows);
    expect(listRows(rows.join('\n').replace('Client id', 'Id'))).not.toEqual(rows);
    expect(listRows(rows.slice(1).join('\n'))).not.toEqual(rows);
    expect(listRows([...rows, '| `AUTH_MORE` | More. | none |'].join('\n'))).not.toEqual(rows);
    expect(listRows('| URL | what |\n|---|---|\n| `/dashboard` | a page |')).toEqual([]);
  });
});

describe('the example of a variable', () => {
  it('CK-03: an untouched .env.example does not start', () => {
    const parsed = parseConfig(
      Object.fromEntries(all.map(({ name, example }) => [name, example])),
      declaration,
    );
    const rejected = parsed.kind === 'problems' ? parsed.problems.map(({ variable }) => variable) : [];
    expect(rejected).toEqual(['AUTH_SECRET', 'AUTH_CLIENT_SECRET']);
  });
});
