/** Which packages npm would install for some names, by the lock file of this repository. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Names = Readonly<Record<string, unknown>>;
type Locked = {
  dependencies?: Names;
  optionalDependencies?: Names;
  peerDependencies?: Names;
  peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
};

/** @returns folders right below node_modules; nested packages come along with theirs */
export function packagesOf(root: string, names: readonly string[]): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const found = new Set<string>();
  const visit = (name: string, from: string) => {
    const path = locate(name, from, packages);
    if (path === null || found.has(path)) return;
    found.add(path);
    for (const needed of neededBy(packages[path] ?? {})) visit(needed, path);
  };
  for (const name of names) visit(name, '');
  return [...new Set([...found].map((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path))];
}

function neededBy({ dependencies, optionalDependencies, ...more }: Locked): string[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = more;
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** As Node looks for it: beside, then further up. Optional packages of other systems are not there. */
function locate(name: string, from: string, packages: Readonly<Record<string, Locked>>): string | null {
  const here = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (packages[here] !== undefined) return here;
  return from === ''
    ? null
    : locate(name, from.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, ''), packages);
}
