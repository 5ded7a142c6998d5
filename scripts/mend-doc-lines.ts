/**
 * Part of `npm run format`: puts the line numbers of `[path:12](path#L12) `name`` in the documents where the named functions stand now, and the
 * proofs in docs/security.md as the tests are named now.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeclarationOf } from './docs-checks.ts';
import { mendRowTables } from './row-table.ts';
import { readTestFiles } from './test-files.ts';

const documents = ['README.md', ...readdirSync('docs', { recursive: true }).map((name) => `docs/${name}`)];

for (const path of documents.filter((name) => name.endsWith('.md'))) {
  const text = readFileSync(path, 'utf8');
  const mended = text.replace(
    /\[([\w./[\]-]+\.\w+):\d+\]\(([^)#]+)#L\d+\) `(\w+)`/g,
    (reference, source: string, link: string, name: string) => {
      const line =
        readFileSync(source, 'utf8')
          .split('\n')
          .findIndex((one) => isDeclarationOf(one, name)) + 1;
      return line === 0 ? reference : `[${source}:${line}](${link}#L${line}) \`${name}\``;
    },
  );
  if (mended !== text) writeFileSync(path, mended);
}

const security = readFileSync('docs/security.md', 'utf8');
const mended = mendRowTables(security, readTestFiles('.'));
if (mended !== security) writeFileSync('docs/security.md', mended);
