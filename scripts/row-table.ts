/**
 * The tables of promises in docs/proofs.md. The promise of a row is written there by hand; its proof is written from the names of the tests, so
 * that it claims nothing that no test carries. A row without a test says why. Pure.
 */

export type TestFile = { path: string; text: string };

const row = /^\| ([A-Z]{2}-\d\d) \| ([^|]+) \| (.*) \|$/gm;

/** `text` of docs/proofs.md with every proof as the tests are named now. */
export function mendRowTables(text: string, files: readonly TestFile[]): string {
  const tests = findRows(files);
  return text.replace(row, (line, id: string, promise: string) => {
    const paths = tests.get(id);
    return paths === undefined ? line : `| ${id} | ${promise} | ${paths.map(linkTo).join(', ')} |`;
  });
}

/** What is wrong with the tables, a sentence each: rows that tests carry and no table has, twice, or without a test and without a reason. */
export function findTableProblems(text: string, files: readonly TestFile[]): string[] {
  const tests = findRows(files);
  const rows = [...text.matchAll(row)].map(([, id = '', , proof = '']) => ({ id, proof }));
  const ids = rows.map(({ id }) => id);
  return [
    ...[...tests.keys()].filter((id) => !ids.includes(id)).map((id) => `${id} has a test and no row`),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${id} has two rows`),
    ...rows
      .filter(({ id, proof }) => !tests.has(id) && !/^(?:not applicable|open): \S/.test(proof))
      .map(({ id }) => `${id} has neither a test nor a reason`),
  ];
}

/** Every row that a test carries in its name, with the files that have such tests. */
export function findRows(files: readonly TestFile[]): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const { path, text } of files)
    for (const id of new Set(listIds(text))) rows.set(id, [...(rows.get(id) ?? []), path].toSorted());
  return rows;
}

const groups = 'AZ CB TK ID DI CA RF CK SE BL RD HO CS LK PX RC RS HD RL FW OP'.split(' ');

/** Ids in strings: names of tests are strings, comments are not. */
function listIds(text: string): string[] {
  const code = text.replace(/^\s*(\/?\*|\/\/).*$/gm, '');
  const strings = code.match(/(['"`])(?:(?!\1)[^\n\\]|\\.)*\1/g) ?? [];
  return strings
    .flatMap((string) => string.match(/\b[A-Z]{2}-\d\d\b/g) ?? [])
    .filter((id) => groups.includes(id.slice(0, 2)));
}

function linkTo(path: string): string {
  return `[${path}](../${path})`;
}
