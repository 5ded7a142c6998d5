/** Part of `npm run format`: writes the proofs in docs/proofs.md as the tests are named now. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mendRowTables } from './row-table.ts';
import { readTestFiles } from './test-files.ts';

const path = 'docs/proofs.md';
const text = readFileSync(path, 'utf8');
const mended = mendRowTables(text, readTestFiles('.'));
if (mended !== text) writeFileSync(path, mended);
