/** The table of requirement rows in docs/security.md: written from the names of the tests, so that it claims nothing that no test carries. Pure. */

export type TestFile = { path: string; text: string };

/** In the order of the table: sessions and their endings first, then the way through the protocol. */
const groups = [
  'RF',
  'SE',
  'CK',
  'BL',
  'RC',
  'AZ',
  'CB',
  'TK',
  'ID',
  'DI',
  'CA',
  'RD',
  'HO',
  'CS',
  'LK',
  'PX',
  'RS',
  'HD',
  'RL',
  'FW',
  'OP',
];
const start = '| row | state | tests |\n|---|---|---|\n';

/** Every row that a test carries in its name, with the files that have such tests. */
export function findRows(files: readonly TestFile[]): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const { path, text } of files)
    for (const id of new Set(listIds(text))) rows.set(id, [...(rows.get(id) ?? []), path].toSorted());
  return new Map([...rows].toSorted(([a], [b]) => rankOf(a) - rankOf(b) || a.localeCompare(b)));
}

/** `text` of docs/security.md with the table as it should be. */
export function mendRowTable(text: string, files: readonly TestFile[]): string {
  const from = text.indexOf(start) + start.length;
  const to = text.indexOf('\n\n', from);
  const lines = [...findRows(files)].map(
    ([id, paths]) => `| ${id} | tested | ${paths.map(linkTo).join(', ')} |`,
  );
  return text.slice(0, from) + lines.join('\n') + text.slice(to);
}

/** Ids in strings: names of tests are strings, comments are not. */
function listIds(text: string): string[] {
  const code = text.replace(/^\s*(\/?\*|\/\/).*$/gm, '');
  const strings = code.match(/(['"`])(?:(?!\1)[^\n\\]|\\.)*\1/g) ?? [];
  return strings
    .flatMap((string) => string.match(/\b[A-Z]{2}-\d\d\b/g) ?? [])
    .filter((id) => rankOf(id) >= 0);
}

function rankOf(id: string): number {
  return groups.indexOf(id.slice(0, 2));
}

function linkTo(path: string): string {
  return `[${path}](../${path})`;
}
