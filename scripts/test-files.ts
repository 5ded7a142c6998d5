/** Every test file of this code base, with its text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestFile } from './row-table.ts';

const folders = ['app', 'lib', 'sample', 'e2e', 'scripts', 'docs'];
/** Its ids are examples. */
const exampleFile = 'scripts/row-table.test.ts';

export function readTestFiles(root: string): TestFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((path) => /\.(test|spec)\.ts$/.test(path) && path !== exampleFile)
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
