import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { parseReturnTo } from './return-to';
import { returnToVectors } from './return-to.vectors';

const { paths } = testDeclaration;
const defaultReturnTo = paths.afterSignIn;
const readReturnTo = (value: unknown) => parseReturnTo(value, paths);

const appOrigin = 'https://app.example';

/** Where a browser goes that is told this target by our application. */
function resolve(target: string): URL {
  return new URL(target, `${appOrigin}/auth/callback/provider`);
}

describe('a return target that a user can influence', () => {
  it('RD-01: there are 95 vectors, none twice', () => {
    expect(returnToVectors).toHaveLength(95);
    expect(new Set(returnToVectors.map(({ value }) => JSON.stringify(value))).size).toBe(95);
  });

  it.each(returnToVectors)('RD-01: vector $number ($name) stays on our origin', ({ value, accepted }) => {
    const target = readReturnTo(value);
    expect(target).toBe(accepted ?? defaultReturnTo);
    expect(resolve(target).origin).toBe(appOrigin);
  });

  it.each(['/.//evil', '/x/..//evil', '/%2e//evil', '/a/b/../..//evil', '/%2E%2e//evil'])(
    'RD-02: %s is same-origin to a parser, another host to a browser, and rejected',
    (value) => {
      expect(readReturnTo(value)).toBe(defaultReturnTo);
    },
  );

  it.each(['/%2f%2fevil.example', '/%5cevil.example', '/%09/evil.example', '/%0a/evil.example', '/%252f'])(
    'RD-03: %s is not decoded a second time: it stays an inert path',
    (value) => {
      expect(readReturnTo(value)).toBe(value);
      expect(resolve(readReturnTo(value)).href).toBe(appOrigin + value);
    },
  );

  it.each([
    '/auth',
    '/auth/sign-out',
    '/sign-in?x=1',
    '/signed-out',
    '/api',
    '/login/x',
    '/logout',
    '/_next/x',
    '/%61uth/sign-out',
    '/%41UTH',
    '/sign%2din?x=1',
    '/auth%2fsign-out',
  ])('RD-06: %s would loop or act, so the default page is used', (value) => {
    expect(readReturnTo(value)).toBe(defaultReturnTo);
  });

  it.each([
    ['/dashboard/contacts?q=a%20b&page=2#row-3', '/dashboard/contacts?q=a%20b&page=2#row-3'],
    ['/dashboard/contacts?q=žluť', '/dashboard/contacts?q=%C5%BElu%C5%A5'],
    ['/authors', '/authors'],
    ['/sign-in-help', '/sign-in-help'],
  ])('RD-06: the deep link %s is kept', (value, target) => {
    expect(readReturnTo(value)).toBe(target);
  });

  it('RD-06: a deep link of 1500 characters is kept, one of more than 2048 is not', () => {
    const link = `/dashboard?q=${'a'.repeat(1_487)}`;
    expect(readReturnTo(link)).toBe(link);
    expect(readReturnTo(`/${'a'.repeat(2_047)}`)).toHaveLength(2_048);
    expect(readReturnTo(`/${'a'.repeat(2_048)}`)).toBe(defaultReturnTo);
  });

  it('RD-06: a target that encoding makes too long for the transaction cookie is not used', () => {
    const target = readReturnTo(`/${'\uff0f'.repeat(2_000)}`);
    expect(target.length).toBeLessThanOrEqual(2_048);
  });

  it('uses the fallback that the caller names', () => {
    expect(parseReturnTo('//evil.example', { ...paths, afterSignIn: '/welcome' })).toBe('/welcome');
  });
});
