/** What scripts/page-routes.ts left in the output, as server.js finds it when it starts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PageRoutes } from '../lib/strongroom/server/page-routes.ts';

/**
 * Null: Next's proxy stands before pages, and the page guard does not.
 * @throws where it would be both of them, or neither
 */
export function readPageRoutes(target: string): PageRoutes | null {
  const path = join(target, '.next/page-routes.json');
  const manifest = readFileSync(join(target, '.next/server/functions-config-manifest.json'), 'utf8');
  const hasProxy = '/_middleware' in JSON.parse(manifest).functions;
  if (existsSync(path) === hasProxy)
    throw new Error('This output is incomplete: see scripts/finish-build.ts.');
  return hasProxy ? null : JSON.parse(readFileSync(path, 'utf8'));
}
