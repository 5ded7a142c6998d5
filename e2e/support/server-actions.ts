/** The server actions of the build, as an attacker finds them in the scripts of the pages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ServerAction = { id: string; name: string };

const manifest = join(import.meta.dirname, '../../.next/server/server-reference-manifest.json');

export function listServerActions(): ServerAction[] {
  const { node } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    node: Record<string, { exportedName: string }>;
  };
  return Object.entries(node).map(([id, { exportedName }]) => ({ id, name: exportedName }));
}
