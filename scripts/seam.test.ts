/** The line between the core and the adopter's part: what each may name, import and hand out. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  isTestSupport,
  listImports,
  readSources,
  startsWith,
  stripComments,
} from '../lib/strongroom/testing/source-files';

const root = new URL('../', import.meta.url);
const folder = 'lib/strongroom/';
const biome = fileURLToPath(new URL('node_modules/.bin/biome', root));
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const core = readSources(['lib/strongroom']).filter((source) => !isTestSupport(source));
const app = readSources(['app', 'lib/api'], ['lib/declaration.ts', 'lib/places.ts']).filter(
  (source) => !isTestSupport(source),
);

/** What only the sample application talks about. */
const ofTheSample = /contact|dashboard|post_message|delete_message|export_contacts|\/messages|:messages/i;

describe('the core', () => {
  it('names nothing of the sample, no page, permission or resource, also not in comments', () => {
    const named = core.flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter((line) => ofTheSample.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(core.length).toBeGreaterThan(80);
    expect(named).toEqual([]);
  });

  it('shows users no name of a product but the declared one', () => {
    const named = core.filter(({ text }) => stripComments(text).includes('Strongroom'));
    expect(named.map(({ path }) => path)).toEqual([]);
  });
});

const { exports: packed } = JSON.parse(read(`${folder}package.json`)) as {
  exports: Record<string, { default: string }>;
};
/** The source of each entry point. */
const allEntries = Object.fromEntries(
  Object.entries(packed).map(([name, entry]) => [
    name,
    entry.default.replace('./dist/', '').replace(/js$/, 'ts'),
  ]),
);
/** The kit for tests is counted apart: no application imports it. */
const { './testing': kit = '', ...entries } = allEntries;

type Name = { name: string; isType: boolean; path: string };

/** What an entry point re-exports, and from where: `export { type A, b as c } from './d';`. */
function listNames(entry: string): Name[] {
  const statement = /export\s+(type\s+)?\{([^}]*)\}\s+from\s+'\.\/([^']+)'/g;
  return [...stripComments(read(folder + entry)).matchAll(statement)].flatMap(([, type, names = '', from]) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => ({
        name: name.replace(/^type /, ''),
        isType: type !== undefined || name.startsWith('type '),
        path: `${folder}${from}.ts`,
      })),
  );
}

const names = Object.values(entries).flatMap(listNames);
const values = names.filter(({ isType }) => !isType);
/** What is pure may be handed out to server and browser: it is one name. */
const distinct = [...new Set(values.map(({ name, path }) => `${path} ${name}`))];

/** The comment right above the declaration of a name. */
function docblockOf({ name, path }: Name): string {
  const [before = ''] = read(path).split(new RegExp(`^export (?:async )?(?:function|const) ${name}\\b`, 'm'));
  return /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(before)?.[0] ?? '';
}

describe('the public names of the core', () => {
  it('are at most 25, at no more than five entry points', () => {
    expect(Object.keys(entries)).toEqual(['.', './client', './proxy', './routes', './server']);
    expect(distinct.length).toBeGreaterThan(15);
    expect(distinct.length).toBeLessThanOrEqual(25);
    expect(new Set(values.map(({ name }) => name)).size).toBe(distinct.length);
  });

  it.each(values)('$name is documented with an example', (value) => {
    expect(docblockOf(value)).toContain('@example');
  });

  it('of the kit for tests are at most six, each documented with an example', () => {
    const names = listNames(kit).filter(({ isType }) => !isType);
    expect(names.length).toBeGreaterThan(3);
    expect(names.length).toBeLessThanOrEqual(6);
    for (const name of names) expect(docblockOf(name), name.name).toContain('@example');
  });

  it('LK-01: nothing but its entry point imports the kit for tests', () => {
    const importing = [...core, ...app].filter((source) =>
      listImports(source).some(({ target }) => /strongroom\/(kit\/|testing$)/.test(target)),
    );
    expect(importing).toEqual([]);
  });

  it('LK-01: no entry point can come into a browser but the one for it: the others are server-only', () => {
    for (const [name, entry] of Object.entries(entries))
      expect(stripComments(read(folder + entry)).trimStart(), entry).toMatch(
        name === './client' ? /^'use client';/ : /^import 'server-only';/,
      );
  });

  it('LK-01: bundlers keep their `server-only`, whatever of them an application uses', () => {
    const { exports: entries, sideEffects } = JSON.parse(read(`${folder}package.json`));
    const built = Object.values<{ default: string }>(entries).map((entry) => entry.default);
    const kept = built.filter((path) => path !== './dist/client.js');
    const sources = kept.map((path) => path.replace('dist/', '').replace(/js$/, 'ts'));
    expect(sideEffects.toSorted()).toEqual([...kept, ...sources].toSorted());
  });

  it('LK-01: behind the entry point for browsers is nothing but its own folder, the clock and the base path', () => {
    const ours = core.filter(({ path }) => /^lib\/strongroom\/client[./]/.test(path));
    const imported = ours.flatMap((source) => listImports(source).map(({ target }) => target));
    expect(ours.length).toBeGreaterThan(3);
    expect(
      imported.filter((target) => !/^lib\/strongroom\/client\/|^(react|next\/navigation)$/.test(target)),
    ).toEqual(imported.filter((target) => /^lib\/strongroom\/base\/(clock|base-path)$/.test(target)));
    expect(ours.filter(({ text }) => /cookie/i.test(stripComments(text)))).toEqual([]);
  });
});

describe('the adopter’s part', () => {
  it('LK-01: client components know the core by its types, and by its entry point for browsers', () => {
    const clients = app.filter((source) => startsWith(source, 'use client'));
    const values = clients.flatMap((source) =>
      listImports(source)
        .filter(({ target, isType }) => target.startsWith('strongroom') && !isType)
        .filter(({ target }) => target !== 'strongroom/client')
        .map(({ target }) => `${source.path} imports ${target}`),
    );
    expect(clients.length).toBeGreaterThan(0);
    expect(values).toEqual([]);
  });

  it('LK-09: no file of it reads the text of a token, which no view of a session has', () => {
    const speaking = app.filter(({ text }) =>
      /\b(refreshToken|idToken|tokens\.|TokenSet|unseal\w*)\b/.test(stripComments(text)),
    );
    expect(speaking.map(({ path }) => path)).toEqual([]);
  });

  const forbidden: [path: string, target: string][] = [
    ['app/a.ts', '@/lib/strongroom/session/session-cookie'],
    ['app/dashboard/b.ts', '../../lib/strongroom/config/config'],
    ['app/c.ts', 'strongroom/session/seal'],
    ['lib/api/d.ts', '../strongroom/session/load-session'],
    ['lib/e.ts', './strongroom/config/config'],
    ['lib/api/f.ts', '@/app/page'],
    ['app/g.ts', '@/sample/settings'],
    ['lib/strongroom/bff/h.ts', '@/lib/declaration'],
    ['lib/strongroom/session/i.ts', '../oauth/metadata'],
    ['lib/strongroom/oauth/refresh/j.ts', '../../sign-in/paths'],
    ['lib/strongroom/base/k.ts', '../testing/environment'],
    ['lib/strongroom/client/p.ts', '../session/session-cookie'],
    ['lib/strongroom/sign-in/s.ts', '../doctor/examine'],
    ['lib/strongroom/doctor/t.ts', '@/lib/declaration'],
    ['sample/api/l.ts', '../../lib/strongroom/base/clock'],
  ];
  const allowed: [path: string, target: string][] = [
    ['app/m.ts', 'strongroom'],
    ['app/n.ts', 'strongroom/routes'],
    ['app/q.ts', 'strongroom/client'],
    ['lib/strongroom/client/r.ts', '../base/clock'],
    ['lib/strongroom/doctor/u.ts', '../oauth/metadata'],
    ['lib/api/o.ts', 'strongroom'],
    ['lib/strongroom/sign-in/p.ts', '../oauth/metadata'],
  ];

  it('FW-01, LK-09: imports nothing of the core but its entry points, type or not; layers go down only', () => {
    const values = [...forbidden, ...allowed].map(([path, target]) => ({
      path,
      text: `import { a } from '${target}';\n\nexport const b = a;\n`,
    }));
    const types = forbidden.map(([path, target]) => ({
      path: path.replace('.ts', '-type.ts'),
      text: `import type { A } from '${target}';\n\nexport type B = A;\n`,
    }));
    const expected = [...forbidden.map(([path]) => path), ...types.map(({ path }) => path)];
    expect(listRejected([...values, ...types]).toSorted()).toEqual(expected.toSorted());
  });

  it('circular imports are rejected, of types too', () => {
    const ring = [
      { path: 'app/a.ts', text: "import type { B } from './b';\n\nexport type A = B | 1;\n" },
      { path: 'app/b.ts', text: "import type { A } from './a';\n\nexport type B = A | 2;\n" },
    ];
    expect(listRejected(ring).toSorted()).toEqual(['app/a.ts', 'app/b.ts']);
  });
});

type File = { path: string; text: string };

/** Which of these files the import rules of biome.json reject. */
function listRejected(files: readonly File[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-imports-'));
  try {
    const { vcs: _none, ...rules } = JSON.parse(read('biome.json')) as Record<string, unknown>;
    for (const { path, text } of [{ path: 'biome.json', text: JSON.stringify(rules) }, ...files]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const args = ['lint', '--reporter=json', '--max-diagnostics=none'];
    const only = ['--only=style/noRestrictedImports', '--only=suspicious/noImportCycles'];
    const { stdout } = spawnSync(biome, [...args, ...only, '.'], { cwd: folder, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { location: { path: string | File } }[] };
    const paths = diagnostics.map(({ location: { path } }) => (typeof path === 'string' ? path : path.path));
    return [...new Set(paths.map((path) => path.replace(/^\.\//, '')))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
