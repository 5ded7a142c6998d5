/**
 * Arbitrary return targets against the URL parser of every browser: whatever comes out leads to a page of
 * ours. RD-01, RD-02, RD-03, RD-06
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { budget } from '../testing/fuzz-budget';
import { parseReturnTo } from './return-to';
import { returnToVectors } from './return-to.vectors';

const { paths } = testDeclaration;
const defaultReturnTo = paths.afterSignIn;
const readReturnTo = (value: unknown) => parseReturnTo(value, paths);

const appOrigin = 'https://app.example';
/** Where the browser may be when it is told the target. */
const bases = ['/', '/auth/callback/provider?code=c&state=s', '/dashboard/contacts/', '/a//b/..;/c'];

const nasty = [
  ...[
    '/',
    '//',
    '\\',
    '.',
    '..',
    './',
    '../',
    '%2e',
    '%2f',
    '%5c',
    '%00',
    '%0d%0a',
    '%',
    '@',
    ':',
    '?',
    '#',
    ';',
  ],
  ...[
    '\t',
    '\n',
    '\r',
    ' ',
    '\u0000',
    '\u00a0',
    '\u2028',
    '\ud800',
    '\udc00',
    '\uff0f',
    '\uff3c',
    '\u2215',
    '\u202e',
  ],
];
const words = [
  ...[
    'evil.example',
    'https:',
    'javascript:',
    'data:',
    '[::1]',
    '2130706433',
    'app.example',
    'x',
    'dashboard',
  ],
  ...[
    'auth',
    'AUTH',
    '%61uth',
    'a%75th',
    'sign-in',
    'sign%2din',
    'signed-out',
    'api',
    '_next',
    'login',
    'logout',
  ],
];
const strings = returnToVectors.map(({ value }) => value).filter((value) => typeof value === 'string');
const piece = fc.oneof(fc.constantFrom(...nasty), fc.constantFrom(...words), fc.string({ unit: 'binary' }));
const text = fc.array(piece, { maxLength: 9 }).map((parts) => parts.join(''));
const target = fc.oneof(
  text,
  { weight: 3, arbitrary: text.map((rest) => `/${rest}`) },
  // Two known attacks in a row, or one cut and continued.
  fc
    .tuple(fc.constantFrom(...strings), fc.nat(12), text)
    .map(([one, at, rest]) => one.slice(0, at) + rest + one.slice(at)),
);

/** The first segment as a server that decodes would read it. */
function firstSegmentOf({ pathname }: URL): string {
  const segment = pathname.split('/')[1] ?? '';
  try {
    return decodeURIComponent(segment).toLowerCase();
  } catch {
    return segment.toLowerCase();
  }
}

describe('arbitrary return targets', () => {
  it('RD-01, RD-02, RD-03: resolve to our origin from everywhere, once and twice, and never to a path that begins with //', () => {
    fc.assert(
      fc.property(target, fc.constantFrom(...bases), (value, base) => {
        const once = new URL(readReturnTo(value), appOrigin + base);
        const twice = new URL(once.pathname + once.search + once.hash, appOrigin);
        for (const url of [once, twice]) {
          expect(url.origin).toBe(appOrigin);
          expect(url.pathname).not.toMatch(/^\/[/\\]/);
        }
        expect(twice.href).toBe(once.href);
      }),
      budget(3_000),
    );
  });

  it('RD-06: never lead to a route that starts or ends a session, however it is spelled', () => {
    const rejected = ['auth', 'sign-in', 'signed-out', 'api', 'login', 'logout', '_next'];
    fc.assert(
      fc.property(target, (value) => {
        expect(rejected).not.toContain(firstSegmentOf(new URL(readReturnTo(value), appOrigin)));
      }),
      budget(3_000),
    );
  });

  it('RD-01: do not change when they are read a second time, and fit a header', () => {
    fc.assert(
      fc.property(target, (value) => {
        const read = readReturnTo(value);
        expect(readReturnTo(read)).toBe(read);
        expect(read).toMatch(/^[\x21-\x7e]{1,2048}$/);
      }),
      budget(2_000),
    );
  });

  it('RD-06: that name a page of ours are kept with any query', () => {
    const page = fc.tuple(
      fc.constantFrom('/dashboard', '/dashboard/contacts', '/'),
      fc.string({ maxLength: 100, unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(page, ([path, words_]) => {
        const link = `${path}?${new URLSearchParams({ q: words_ })}`;
        expect(readReturnTo(link)).toBe(link);
      }),
      budget(2_000),
    );
  });

  it('RD-01: that are not text lead to the default page', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        if (typeof value !== 'string') expect(readReturnTo(value)).toBe(defaultReturnTo);
      }),
      budget(500),
    );
  });
});
