import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isHealthMountAlone, isMountAlone, replaceProxy } from './page-routes.ts';
import { readPageRoutes } from './read-page-routes.ts';

const root = join(import.meta.dirname, '..');
const proxySource = readFileSync(join(root, 'proxy.ts'), 'utf8');
const health = readFileSync(join(root, 'app/healthz/route.ts'), 'utf8');
const sources = { proxy: proxySource, health };

let target: string;
beforeEach(() => {
  target = mkdtempSync(join(tmpdir(), 'strongroom-output-'));
  mkdirSync(join(target, '.next/server'), { recursive: true });
  cpSync(join(root, 'public'), join(target, 'public'), { recursive: true });
  write('.next/server/functions-config-manifest.json', functions);
  write('.next/routes-manifest.json', routes);
});
afterEach(() => rmSync(target, { recursive: true }));

const write = (name: string, data: unknown) => writeFileSync(join(target, name), JSON.stringify(data));
const read = (name: string) => JSON.parse(readFileSync(join(target, name), 'utf8'));

const matchers = [{ regexp: '^/(?!healthz)', originalSource: '/((?!healthz).*)' }];
const functions = {
  version: 1,
  functions: { '/_middleware': { runtime: 'nodejs', matchers }, '/api/other': { maxDuration: 5 } },
};
const none = { beforeFiles: [], afterFiles: [], fallback: [] };
const routes = {
  version: 3,
  basePath: '',
  headers: [{ regex: '^/icon\\.svg(?:/)?$' }],
  redirects: [{ regex: '^/old$' }],
  rewrites: { ...none, fallback: [{ regex: '^/rewritten$' }] },
  staticRoutes: [{ regex: '^/dashboard$' }],
  dynamicRoutes: [{ regex: '^/contacts/([^/]+?)$' }],
  dataRoutes: [],
};

describe('the output of a build', () => {
  it('has the page guard in place of Next’s proxy, and what the guard has to know', () => {
    expect(replaceProxy(target, sources)).toBe('replaced');
    expect(read('.next/server/functions-config-manifest.json')).toEqual({
      version: 1,
      functions: { '/api/other': { maxDuration: 5 } },
    });
    expect(read('.next/page-routes.json')).toEqual({
      guarded: ['^/(?!healthz)'],
      served: ['^/old$', '^/rewritten$', '^/dashboard$', '^/contacts/([^/]+?)$', '^/robots\\.txt$'],
      isAliveOurs: true,
    });
  });

  it.each([
    ['code of the adopter’s own', functions, `${proxySource}\nconsole.log('a request');\n`],
    [
      'a condition that only Next knows',
      {
        version: 1,
        functions: {
          '/_middleware': {
            runtime: 'nodejs',
            matchers: [{ ...matchers[0], has: [{ type: 'header', key: 'a' }] }],
          },
        },
      },
      proxySource,
    ],
  ])('keeps Next’s proxy where proxy.ts has %s', (_what, manifest, source) => {
    write('.next/server/functions-config-manifest.json', manifest);
    expect(replaceProxy(target, { proxy: source, health })).toBe('kept');
    expect(read('.next/server/functions-config-manifest.json')).toEqual(manifest);
    expect(existsSync(join(target, '.next/page-routes.json'))).toBe(false);
  });

  it.each<[string, object]>([
    ['a header', { headers: [{ regex: '^(?:/(.*))(?:/)?$' }] }],
    [
      'a header below the base path',
      { basePath: '/portal', headers: [{ regex: '^/portal/healthz(?:/)?$' }] },
    ],
    ['a redirect', { redirects: [{ regex: '^(?!/_next)/healthz(?:/)?$' }] }],
    ['a rewrite', { rewrites: { ...none, beforeFiles: [{ regex: '^/healthz(?:/)?$' }] } }],
  ])('leaves health checks to Next where next.config.js has %s for them', (_what, changes) => {
    write('.next/routes-manifest.json', { ...routes, ...changes });
    replaceProxy(target, sources);
    expect(read('.next/page-routes.json')).toMatchObject({ isAliveOurs: false });
  });

  it('has the guard answer them whatever a redirect of Next’s own or a later rewrite says', () => {
    const redirects = [{ regex: '^/(?:healthz)$', internal: true }];
    const rewrites = { ...none, afterFiles: [{ regex: '^/(.*)$' }], fallback: [{ regex: '^/(.*)$' }] };
    write('.next/routes-manifest.json', { ...routes, redirects, rewrites });
    replaceProxy(target, sources);
    expect(read('.next/page-routes.json')).toMatchObject({ isAliveOurs: true });
  });

  it.each<[string, string, object]>([
    ['no proxy', '.next/server/functions-config-manifest.json', { version: 1, functions: {} }],
    ['another version', '.next/server/functions-config-manifest.json', { ...functions, version: 2 }],
    ['other rewrites', '.next/routes-manifest.json', { ...routes, rewrites: { ...none, before: [] } }],
    ['another version of routes', '.next/routes-manifest.json', { ...routes, version: 4 }],
  ])('fails when Next writes %s', (_what, name, manifest) => {
    write(name, manifest);
    expect(() => replaceProxy(target, sources)).toThrow();
    expect(existsSync(join(target, '.next/page-routes.json'))).toBe(false);
  });
});

describe('FW-02: server.js', () => {
  it('is started with Next’s proxy before pages, or with the page guard', () => {
    expect(readPageRoutes(target)).toBeNull();
    replaceProxy(target, sources);
    expect(readPageRoutes(target)).toMatchObject({ guarded: ['^/(?!healthz)'] });
  });

  it('is not started with both of them, nor with neither', () => {
    write('.next/page-routes.json', { guarded: [], served: [] });
    expect(() => readPageRoutes(target)).toThrow('incomplete');
    rmSync(join(target, '.next/page-routes.json'));
    write('.next/server/functions-config-manifest.json', { version: 1, functions: {} });
    expect(() => readPageRoutes(target)).toThrow('incomplete');
  });
});

describe('proxy.ts', () => {
  it('of this repository is the mount alone', () => expect(isMountAlone(proxySource)).toBe(true));

  it.each([
    "import { proxy as ours } from 'strongroom/proxy';\nexport const proxy = (request) => ours(request);",
    "export { proxy } from './my-proxy';\nexport const config = { matcher: ['/'] };",
    `${proxySource}export const more = 1;`,
    `import './side-effect';\n${proxySource}`,
  ])('is more than that: %s', (source) => expect(isMountAlone(source)).toBe(false));
});

describe('app/healthz/route.ts', () => {
  it('of this repository is the mount alone, so that the guard may answer in its place', () =>
    expect(isHealthMountAlone(health)).toBe(true));

  it.each([
    ['', 'no file'],
    [health.replace('health.alive', 'health.ready'), 'readiness'],
    [`${health}console.log('asked');\n`, 'code of the adopter’s own'],
    [health.replace('health.alive', 'async () => Response.json({})'), 'a response of the adopter’s own'],
  ])('is more than that, or less: %s (%s)', (source) => expect(isHealthMountAlone(source)).toBe(false));
});
