import { describe, expect, it } from 'vitest';
import {
  findCycles,
  findLayerViolations,
  findServerCodeInBrowser,
  findTestSupportInProduct,
} from '../lib/strongroom/testing/layer-rules';
import {
  findActionViolations,
  findOwnerViolations,
  findPackageViolations,
  findServerBoundaryViolations,
  findShapeViolations,
} from '../lib/strongroom/testing/owner-rules';
import { isTestSupport, listImports, readSources, type Source } from '../lib/strongroom/testing/source-files';

/** No server, no clock, no randomness, no environment: same input, same output. Each says so in its first lines. */
const pure = [
  'lib/strongroom/api/api-result.ts',
  'lib/strongroom/api/validate-response.ts',
  'lib/api/permissions.ts',
  'lib/api/gateway-upstreams.ts',
  'lib/strongroom/bff/gateway/problem.ts',
  'lib/strongroom/bff/gateway/resolve-route.ts',
  'lib/strongroom/bff/gateway/upstreams.ts',
  'lib/api/wire.ts',
  'lib/strongroom/base/fetch-metadata.ts',
  'lib/strongroom/sign-in/paths.ts',
  'lib/strongroom/base/bounded-map.ts',
  'lib/strongroom/base/deadline.ts',
  'lib/strongroom/base/guards.ts',
  'lib/strongroom/base/is-below.ts',
  'app/_components/page-query.ts',
  'lib/strongroom/base/retry-after.ts',
  'lib/strongroom/base/security-headers.ts',
  'app/_components/time-words.ts',
  'lib/strongroom/config/environment-schema.ts',
  'lib/strongroom/config/parse-config.ts',
  'lib/strongroom/config/secrets.ts',
  'lib/strongroom/config/variables.ts',
  'lib/strongroom/config/web-address.ts',
  'lib/strongroom/server/clean-headers.ts',
  'lib/strongroom/server/validate-request.ts',
  'lib/strongroom/server/rejection.ts',
  'lib/strongroom/oauth/authorization-response.ts',
  'lib/strongroom/oauth/rp-initiated-logout.ts',
  'lib/strongroom/oauth/granted-scopes.ts',
  'lib/strongroom/oauth/token-age.ts',
  'lib/strongroom/oauth/token-response.ts',
  'lib/strongroom/session/cookies.ts',
  'lib/strongroom/store/key-prefix.ts',
  'lib/strongroom/store/redis-info.ts',
  'lib/strongroom/store/redis-scripts.ts',
  'lib/strongroom/session/session.ts',
  'lib/strongroom/session/authentication-requirement.ts',
];
/** Neither pure nor server-only: nothing in them is worth hiding from a browser, and each is something else than a function of its input. */
const neutral = [
  'lib/strongroom/base/clock.ts',
  'lib/strongroom/base/errors.ts',
  'lib/strongroom/base/process-singleton.ts',
  'lib/strongroom/base/reference.ts',
  'lib/strongroom/base/return-to.ts',
  'lib/strongroom/oauth/refresh/back-off.ts',
  'lib/strongroom/session/revocation-keys.ts',
  'lib/strongroom/store/memory-store.ts',
  'lib/strongroom/store/single-flight.ts',
  'lib/strongroom/store/store.ts',
];

const everything = readSources(
  ['app', 'lib', 'sample', 'scripts', 'e2e', 'bench'],
  ['proxy.ts', 'instrumentation.ts'],
);
const product = everything.filter((source) => !isTestSupport(source));
const application = product.filter(({ path }) => !/^(sample|scripts|e2e|bench)\//.test(path));
const lib = application.filter(({ path }) => path.startsWith('lib/'));

const file = (path: string, text: string): Source => ({ path, text });
const isPure = (path: string) => pure.includes(path) || neutral.includes(path);

describe('the source', () => {
  it('is found, all of it', () => {
    expect(lib.length).toBeGreaterThan(50);
    expect(application.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['proxy.ts', 'instrumentation.ts', 'app/page.tsx']),
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

describe('layers', () => {
  it('imports go down only; the application and the sample meet over HTTP alone', () => {
    expect(findLayerViolations(product.filter(({ path }) => !/^(scripts|e2e|bench)\//.test(path)))).toEqual(
      [],
    );
  });

  it.each([
    ['lib/base/a.ts', '@/lib/config/config'],
    ['lib/session/a.ts', '../oauth/metadata'],
    ['lib/auth/a.ts', '@/lib/api/answer'],
    ['lib/api/a.ts', '@/lib/auth/who'],
    ['lib/oauth/a.ts', '@/app/page'],
    ['app/a.ts', '@/sample/settings'],
    ['proxy.ts', './e2e/support/test-stack'],
    ['lib/base/a.ts', '@/scripts/ports'],
    ['sample/a.ts', '@/lib/base/clock'],
    ['sample/a.ts', '../app/page'],
  ])('%s that imports %s is noticed, type or not', (path, name) => {
    expect(findLayerViolations([file(path, `import { a } from '${name}';`)])).toHaveLength(1);
    expect(findLayerViolations([file(path, `import type { A } from '${name}';`)])).toHaveLength(1);
  });

  it('there are no cycles, not even of types', () => {
    expect(findCycles(product)).toEqual([]);
  });

  it('a cycle of types is noticed', () => {
    const a = file('lib/base/a.ts', "import type { B } from './b';");
    const b = file('lib/base/b.ts', "import { a } from '@/lib/base/a';");
    expect(findCycles([a, b])).toEqual(['lib/base/a → lib/base/b → lib/base/a']);
  });

  it('nothing that runs imports test support', () => {
    expect(findTestSupportInProduct(everything)).toEqual([]);
    const stray = file('lib/base/a.ts', "import { b } from '@/lib/strongroom/testing/environment';");
    expect(findTestSupportInProduct([stray])).toHaveLength(1);
  });
});

describe('owners', () => {
  it('every dangerous thing is in its home and nowhere else', () => {
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
  it('every file of lib is server-only, or pure and says so, or one of the named few', () => {
    expect(findServerBoundaryViolations(lib, pure, neutral)).toEqual([]);
    const paths = lib.map(({ path }) => path);
    expect([...pure, ...neutral].filter((path) => !paths.includes(path))).toEqual([]);
  });

  it.each([
    ['an unlisted file without the guard', "import { a } from 'zod';"],
    ['a guard that is not first', "import { a } from 'zod';\nimport 'server-only';"],
  ])('%s is noticed', (_name, text) => {
    expect(findServerBoundaryViolations([file('lib/base/a.ts', text)], [], [])).toHaveLength(1);
  });

  it('a pure file that does not say so, or imports Node or server-only code, is noticed', () => {
    const guarded = file('lib/base/b.ts', "import 'server-only';");
    const check = (text: string) =>
      findServerBoundaryViolations([guarded, file('lib/base/a.ts', text)], ['lib/base/a.ts'], []);
    expect(check('/** A. Pure. */')).toEqual([]);
    expect(check('/** A. */')).toHaveLength(1);
    expect(check("/** Pure. */\nimport { b } from './b';")).toHaveLength(1);
    expect(check("/** Pure. */\nimport type { B } from './b';")).toEqual([]);
    expect(check("/** Pure. */\nimport { c } from 'node:fs';")).toHaveLength(1);
    expect(check("/** Pure. */\nimport 'server-only';")).toHaveLength(1);
  });

  it('LK-01: client files import only types of lib, and bring only pure files along', () => {
    expect(findServerCodeInBrowser(application, isPure)).toEqual([]);
  });

  it('LK-01: a client file that brings server code along is noticed, directly and through another', () => {
    const secret = file('lib/strongroom/base/log.ts', "import 'server-only';");
    const between = file('app/b.tsx', "import { log } from '@/lib/strongroom/base/log';");
    const client = (text: string) => file('app/a.tsx', `'use client';\n${text}`);
    const check = (text: string) => findServerCodeInBrowser([secret, between, client(text)], isPure);
    expect(check("import { log } from '@/lib/strongroom/base/log';")).toHaveLength(1);
    expect(check("import { b } from './b';")).toHaveLength(1);
    expect(check("import type { Log } from '@/lib/strongroom/base/log';")).toEqual([]);
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
    expect(findShapeViolations(product.filter(({ path }) => /^(app|lib|sample)\//.test(path)))).toEqual([]);
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
