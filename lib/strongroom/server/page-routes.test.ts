import { afterEach, describe, expect, it, vi } from 'vitest';
import { matchRoutes } from './page-routes';

afterEach(() => vi.unstubAllEnvs());

/** As Next writes them for this repository, with fewer pages. */
const guarded = [
  '^(?:\\/(_next\\/data\\/[^/]{1,}))?(?:\\/(\\/?index|\\/?index\\.json|\\/?index(?:\\.rsc|\\.segments\\/.+\\.segment\\.rsc)))?[\\/#\\?]?$',
  '^(?:\\/(_next\\/data\\/[^/]{1,}))?(?:\\/((?!_next\\/static\\/|robots\\.txt$|healthz$|api\\/gateway(?:\\/|$)).*))(\\.json|\\.rsc|\\.segments\\/.+\\.segment\\.rsc)?[\\/#\\?]?$',
];
const served = [
  '^(?:/((?:[^/]+?)(?:/(?:[^/]+?))*))/$',
  '^/(?:/)?$',
  '^/dashboard(?:/)?$',
  '^/dashboard/contacts/([^/]+?)(?:/)?$',
  '^/robots\\.txt$',
];
const routes = matchRoutes({ guarded, served });

describe('FW-02: the page guard', () => {
  it.each([
    '/',
    '/dashboard',
    '/dashboard.rsc',
    '/nowhere',
    '/%64ashboard',
    '/dashboard/contacts/%',
    '//dashboard',
    '/_next/image',
  ])('stands before %s', (path) => expect(routes.isGuarded(path)).toBe(true));

  it.each(['/_next/static/chunk.js', '/robots.txt', '/healthz', '/api/gateway/contacts'])(
    'does not stand before %s, as proxy.ts says',
    (path) => expect(routes.isGuarded(path)).toBe(false),
  );

  it('stands before the pages below a base path', () => {
    vi.stubEnv('BASE_PATH', '/portal');
    const below = matchRoutes({ guarded: ['^\\/portal(?:\\/((?!healthz$).*))?$'], served: [] });
    expect(['/', '/dashboard', '/healthz'].map((path) => below.isGuarded(path))).toEqual([true, true, false]);
  });
});

describe('an address', () => {
  it.each([
    '/nowhere',
    '/dashboard/nowhere',
    '/Dashboard',
    '/dashboard/contacts/c_1/more',
    '/nowhere.rsc',
    '/%6eowhere',
    '/wp-login.php',
    '/robotsxtxt',
  ])('%s leads nowhere', (path) => expect(routes.isUnknown(path)).toBe(true));

  it.each([
    ['a page', '/'],
    ['a page', '/dashboard'],
    ['a page in another spelling', '/%64ashboard'],
    ['data of a page', '/dashboard.rsc'],
    ['data of a page', '/dashboard.segments/_tree.segment.rsc'],
    ['a page for any name', '/dashboard/contacts/nobody'],
    ['a file', '/robots.txt'],
    ['a redirect', '/nowhere/'],
    ['a matter of Next', '/_next/static/no-such.js'],
    ['a matter of Next', '/nowhere//twice'],
    ['a matter of Next', '/nowhere\\back'],
  ])('may be %s, and Next decides: %s', (_what, path) => expect(routes.isUnknown(path)).toBe(false));

  it('may be that of a rewrite, which Next writes with the base path', () => {
    vi.stubEnv('BASE_PATH', '/portal');
    const { isUnknown } = matchRoutes({ guarded: [], served: ['^/portal/old(?:/)?$', '^/dashboard(?:/)?$'] });
    expect(['/old', '/dashboard', '/new'].map(isUnknown)).toEqual([false, false, true]);
  });
});
