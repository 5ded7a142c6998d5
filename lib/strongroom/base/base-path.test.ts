import { afterEach, describe, expect, it, vi } from 'vitest';
import { findBasePathProblem, withBasePath, withoutBasePath } from './base-path';

afterEach(() => vi.unstubAllEnvs());

describe('a base path', () => {
  it.each(['/portal', '/Portal2', '/tools/crm', '/my-app', '/my_app/v2'])('may be %s', (path) => {
    expect(findBasePathProblem(path)).toBeNull();
  });

  it.each([
    ...['/', 'portal', '/portal/', '//portal', '/a//b', '/.', '/a/../b', '/a.b', '/p%6frtal', '/pörtal'],
    ...['/a b', '/a;b', '/a?b', '/a#b', '/a\\b', '/-a', '/a-', '/a--b', '/a_-b', `/${'a'.repeat(100)}`, ''],
  ])('OP-01: is not %j', (path) => {
    expect(findBasePathProblem(path)).toContain('/portal');
  });
});

describe('a path of an application below /portal', () => {
  const pairs = [
    ['/', '/portal'],
    ['/?left=provider', '/portal?left=provider'],
    ['/#top', '/portal#top'],
    ['/sign-in?return_to=%2F', '/portal/sign-in?return_to=%2F'],
    ['/portals', '/portal/portals'],
  ] as const;

  it.each(pairs)('%s is %s outside, and the other way round', (inner, outer) => {
    vi.stubEnv('BASE_PATH', '/portal');
    expect(withBasePath(inner)).toBe(outer);
    expect(withoutBasePath(outer)).toBe(inner);
  });

  it('is that of the build, also of one that sets no BASE_PATH', () => {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/portal');
    expect(withBasePath('/sign-in')).toBe('/portal/sign-in');
    vi.stubEnv('BASE_PATH', '/other');
    expect(withBasePath('/sign-in')).toBe('/portal/sign-in');
  });

  it('with a slash at the end is the home page too', () => {
    vi.stubEnv('BASE_PATH', '/portal');
    expect([withoutBasePath('/portal/'), withoutBasePath('/portal/?q')]).toEqual(['/', '/?q']);
  });

  it.each([
    '/',
    '/portals',
    '/PORTAL/x',
    '/%70ortal/x',
    '/x/portal',
    '/portal;x',
    '/portal\\x',
    '//portal/x',
  ])('is never meant by %s', (outer) => {
    vi.stubEnv('BASE_PATH', '/portal');
    expect(withoutBasePath(outer)).toBeNull();
  });

  it.each(pairs)('%s is the same everywhere at the root of a host', (path) => {
    expect([withBasePath(path), withoutBasePath(path)]).toEqual([path, path]);
  });
});
