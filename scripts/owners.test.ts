/**
 * Every dangerous thing has one owner file, and every file its shape. Layers and cycles are rules of Biome
 * (biome.json).
 */
import { describe, expect, it } from 'vitest';
import {
  findActionViolations,
  findOwnerViolations,
  findPackageViolations,
  findServerBoundaryViolations,
  findShapeViolations,
} from '../lib/strongroom/testing/owner-rules';
import { isTestSupport, listImports, readSources, type Source } from '../lib/strongroom/testing/source-files';

/**
 * Nothing in them is worth hiding from a browser, and each is something else than a function of its input.
 */
const neutral = [
  'lib/strongroom/base/base-path.ts',
  'lib/strongroom/base/clock.ts',
  'lib/strongroom/base/errors.ts',
  'lib/strongroom/base/process-singleton.ts',
  'lib/strongroom/base/reference.ts',
  'lib/strongroom/config/apis.ts',
  'lib/strongroom/config/client-keys.ts',
  'lib/strongroom/oauth/refresh/back-off.ts',
  'lib/strongroom/session/packed-session.ts',
  'lib/strongroom/session/revocation-keys.ts',
  'lib/strongroom/store/memory-store.ts',
  'lib/strongroom/store/single-flight.ts',
  'lib/strongroom/store/store.ts',
];

const product = readSources(['app', 'lib', 'sample'], ['proxy.ts', 'instrumentation.ts']).filter(
  (source) => !isTestSupport(source),
);
const application = product.filter(({ path }) => !path.startsWith('sample/'));
const core = application.filter(({ path }) => path.startsWith('lib/strongroom/'));
const file = (path: string, text: string): Source => ({ path, text });

describe('the source', () => {
  it('is found completely', () => {
    expect(core.length).toBeGreaterThan(80);
    expect(application.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['proxy.ts', 'instrumentation.ts', 'app/page.tsx', 'lib/declaration.ts']),
    );
  });

  it('has imports of every kind, and each is read', () => {
    const text =
      "import a from '@/lib/base/a';\nimport type { B } from './b';\nimport { type C,\n type D } from '../c.ts';\nimport 'server-only';\nexport { e } from './e';\nconst f = await import('./f');\n// import g from './g'\n";
    expect(listImports(file('lib/oauth/x.ts', text))).toEqual([
      { target: 'lib/base/a', isType: false },
      { target: 'lib/oauth/b', isType: true },
      { target: 'lib/c', isType: true },
      { target: 'server-only', isType: false },
      { target: 'lib/oauth/e', isType: false },
      { target: 'lib/oauth/f', isType: false },
    ]);
  });
});

describe('owners', () => {
  it('every dangerous API is used in the file that owns it and nowhere else', () => {
    expect(findOwnerViolations(application)).toEqual([]);
    expect(findPackageViolations(application)).toEqual([]);
  });

  it.each([
    ['process.env', 'const a = process.env.AUTH_SECRET;'],
    ['the runtime’s name', 'if (process.env.NEXT_RUNTIME) start();'],
    ['the clock', 'const a = Date.now();'],
    ['a date of now', 'const a = new Date();'],
    ['a stop-watch', 'const a = performance.now();'],
    ['console', "console.log('a');"],
    ['a bearer header', 'const headers = { Authorization: `Bearer $' + '{token}` };'],
    ['a set header', "headers.set('Authorization', token);"],
    ['a resource request', 'await oauth.protectedResourceRequest(token);'],
    ['a code exchange', 'await oauth.authorizationCodeGrantRequest(server);'],
    ['a refresh', 'await oauth.refreshTokenGrantRequest(server);'],
    ['a revocation', 'await oauth.revocationRequest(server);'],
    ['a cookie name', "const name = '__Host-mine';"],
    ['a weaker cookie', "const options = { sameSite: 'none' };"],
    ['a bare fetch', 'await fetch(url);'],
    ['a bare request', 'const outgoing = httpsRequest(url, { method });'],
    ['a request of Node', 'https.request(url);'],
  ])('%s in another file is noticed', (_thing, code) => {
    expect(findOwnerViolations([file('app/a.ts', code)]).length).toBeGreaterThan(0);
    expect(findOwnerViolations([file('app/a.ts', `// ${code}`)])).toEqual([]);
  });

  it('formatting a given time is fine', () => {
    expect(findOwnerViolations([file('app/a.ts', 'new Date(atSec * 1000).toISOString();')])).toEqual([]);
  });

  it.each(['iron-session', 'next-auth', 'next-auth/jwt', 'pino', 'oauth4webapi'])(
    '%s in another file is noticed',
    (name) => {
      expect(findPackageViolations([file('app/a.ts', `import { a } from '${name}';`)])).toHaveLength(1);
    },
  );
});

describe('directives', () => {
  it('every file of the core is server-only, or pure and says so, or one of the named few', () => {
    expect(findServerBoundaryViolations(core, neutral)).toEqual([]);
    const paths = core.map(({ path }) => path);
    expect(neutral.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it.each([
    ['a file without the guard', "import { a } from 'zod';"],
    ['a guard that is not first', "import { a } from 'zod';\nimport 'server-only';"],
    ['a pure file with the guard', "/** Pure. */\nimport 'server-only';"],
    ['a pure file that imports server-only code', "/** Pure. */\nimport { b } from './b';"],
    ['a pure file that imports Node', "/** Pure. */\nimport { c } from 'node:fs';"],
  ])('%s is noticed', (_name, text) => {
    const guarded = file('lib/base/b.ts', "import 'server-only';");
    expect(findServerBoundaryViolations([guarded, file('lib/base/a.ts', text)], [])).toHaveLength(1);
  });

  it('a pure file may know the types of server-only code', () => {
    const guarded = file('lib/base/b.ts', "import 'server-only';");
    const text = "/** A. Pure. */\nimport type { B } from './b';";
    expect(findServerBoundaryViolations([guarded, file('lib/base/a.ts', text)], [])).toEqual([]);
  });

  it('actions are in action files, and no tokens beside them', () => {
    expect(findActionViolations(application)).toEqual([]);
  });

  it.each([
    ['app/page.tsx', "'use server';\nexport async function a() {}"],
    ['lib/base/actions.ts', "'use server';"],
    ['app/page.tsx', "async function a() {\n  'use server';\n}"],
    ['app/actions.ts', "'use server';\nconst a = session.tokens.accessToken;"],
  ])('%s with %j is noticed', (path, text) => {
    expect(findActionViolations([file(path, text)])).toHaveLength(1);
  });
});

describe('shape', () => {
  it('files are short, and named after what they are', () => {
    expect(findShapeViolations(product)).toEqual([]);
  });

  it.each([
    ['lib/base/a.ts', 'a;\n'.repeat(201)],
    ['lib/base/a.ts', 'export default function a() {}'],
    ['lib/utils/a.ts', ''],
    ['app/misc.ts', ''],
    ['lib/base/index.ts', ''],
  ])('%s that breaks a rule of shape is noticed', (path, text) => {
    expect(findShapeViolations([file(path, text)])).toHaveLength(1);
  });
});
