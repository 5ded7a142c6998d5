/** Who may import whom. Each rule returns its violations, one sentence each. Test support only. */
import { type Import, isTestSupport, listImports, type Source, withoutExtension } from './source-files';

const rankOf: Record<string, number> = {
  base: 0,
  config: 1,
  store: 2,
  'front-endpoint': 2,
  session: 3,
  oauth: 4,
  auth: 5,
  api: 5,
  app: 6,
};
const others = ['sample', 'scripts', 'e2e', 'bench'];

/** `base` … `api`, `app`, or the name of a folder outside the application; null for a package. */
function layerOf(path: string): string | null {
  const [top = '', next = ''] = path.split('/');
  if (top === 'lib') return next;
  if (top === 'app' || /^(proxy|instrumentation)(\.ts)?$/.test(path)) return 'app';
  return others.includes(top) ? top : null;
}

function eachImport(
  sources: readonly Source[],
  judge: (from: Source, imported: Import) => string | null,
): string[] {
  return sources.flatMap((from) =>
    listImports(from)
      .map((imported) => judge(from, imported))
      .filter((problem) => problem !== null),
  );
}

/** Imports go down only, types too. */
export function findLayerViolations(sources: readonly Source[]): string[] {
  return eachImport(sources, (from, { target }) => {
    const [above, below] = [layerOf(from.path), layerOf(target)];
    if (above === null || below === null || above === below) return null;
    const [high, low] = [rankOf[above], rankOf[below]];
    if (high === undefined || low === undefined)
      return `${from.path} imports ${target}: not a layer of the application`;
    return high > low ? null : `${from.path} imports ${target}: ${above} may not know ${below}`;
  });
}

export function findTestSupportInProduct(sources: readonly Source[]): string[] {
  return eachImport(
    sources.filter((source) => !isTestSupport(source)),
    (from, { target }) =>
      isTestSupport({ path: `${target}.ts` }) ? `${from.path} imports ${target}: test support` : null,
  );
}

/** The first circle found from each file, types included. */
export function findCycles(sources: readonly Source[]): string[] {
  const graph = new Map(
    sources.map((source) => [withoutExtension(source.path), listImports(source).map(({ target }) => target)]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  }
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Client files, and what they bring along into the browser, hold of `lib` only types and pure files. */
export function findServerCodeInBrowser(
  sources: readonly Source[],
  isPure: (path: string) => boolean,
): string[] {
  const byPath = new Map(sources.map((source) => [withoutExtension(source.path), source]));
  const problems: string[] = [];
  const seen = new Set<string>();
  function follow(source: Source, client: string): void {
    for (const { target, isType } of listImports(source)) {
      const next = byPath.get(target);
      if (isType || next === undefined || seen.has(`${client} ${target}`) || startsWith(next, 'use server'))
        continue;
      seen.add(`${client} ${target}`);
      if (next.path.startsWith('lib/') && (source.path === client || !isPure(next.path)))
        problems.push(`${client} brings ${next.path} into the browser, through ${source.path}`);
      follow(next, client);
    }
  }
  for (const source of sources) if (startsWith(source, 'use client')) follow(source, source.path);
  return problems;
}

export function startsWith({ text }: Source, directive: 'use client' | 'use server'): boolean {
  return new RegExp(`^(?:\\s|/\\*[\\s\\S]*?\\*/|//[^\\n]*\\n)*['"]${directive}['"]`).test(text);
}
