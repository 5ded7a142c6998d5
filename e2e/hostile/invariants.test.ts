/** Each invariant can fail: evidence that is right, doctored in one place. */
import { describe, expect, it } from 'vitest';
import type { Page } from '../support/http-browser.ts';
import { type Evidence, findBreaches, marker } from './invariants.ts';
import { outcomes } from './outcomes.ts';

const person = { sub: 'user-1', name: 'Ada & <b>' };
const answerOf = (html: string, cache = 'private, no-store') =>
  `content-type: text/html\ncache-control: ${cache}\n\n${html}`;

function pageAt(address: string, html: string, status = 200): Page {
  const url = new URL(address, 'http://localhost:1');
  const headers = new Headers({ 'content-type': 'text/html', 'retry-after': '60' });
  return { url, status, headers, html, hops: [{ url, status, location: null, setCookies: [] }] };
}

const wordsOf = (name: keyof typeof outcomes) => outcomes[name].words.map(({ source }) => source).join(' ');
const rejection = pageAt(
  '/sign-in/problem?code=invalid_response&ref=7KXM-Q2DZ',
  `<h1>x</h1>${wordsOf('U-REJECT')} Reference 7KXM-Q2DZ`,
  502,
);

const rejected: Evidence = {
  outcome: 'U-REJECT',
  page: rejection,
  durationMs: 40,
  home: pageAt('/sign-in', '<h1>Sign in</h1>'),
  signedIn: null,
  session: { before: null, after: null, isKept: false },
  transactions: { left: 0, allowed: 0 },
  received: [answerOf(rejection.html)],
  secrets: [{ name: 'access token', value: 'access-0123456789abcdef' }],
  unlogged: [{ name: 'state', value: 'state-0123456789abcdef' }],
  lines: ['{"level":"warn","event":"sign_in_rejected"}'],
  isReferenceLogged: true,
  healthMs: 20,
  grownMb: 100,
  apiOwners: [],
  strangers: [],
  oracle: [],
};
const welcomed: Evidence = {
  ...rejected,
  outcome: 'U-OK',
  page: pageAt('/dashboard/access', `<h1>x</h1>${wordsOf('U-OK')}`),
  home: pageAt('/dashboard', '<h1>x</h1>Ada &amp; &lt;b&gt;'),
  signedIn: person,
  session: { before: null, after: 'sealed', isKept: false },
  apiOwners: [person.sub, person.sub],
};

const withPage = (change: Partial<Page>): Partial<Evidence> => ({ page: { ...rejection, ...change } });
const withAnswer = (html: string, cache?: string): Partial<Evidence> => ({
  received: [answerOf(html, cache)],
});
const [secret] = rejected.secrets.map(({ value }) => value);
const [state] = rejected.unlogged.map(({ value }) => value);

describe('the invariants', () => {
  it('hold for evidence that is right', () => {
    expect([findBreaches(rejected), findBreaches(welcomed)]).toEqual([[], []]);
  });

  it.each<[string, string, Partial<Evidence>]>([
    ['I1', 'a page for signed-in people', { home: welcomed.home }],
    ['I1', 'a session that is new', { session: { before: null, after: 'sealed', isKept: false } }],
    ['I1', 'a session that has changed', { session: { before: 'sealed', after: 'other', isKept: true } }],
    ['I1', 'a session that is gone', { session: { before: 'sealed', after: null, isKept: true } }],
    ['I1', 'a sign-in that is still open', { transactions: { left: 1, allowed: 0 } }],
    ['I2', 'a token on a page', withAnswer(`<p>${secret}</p>`)],
    ['I2', 'a token on a page, as base64', withAnswer(`<p>${btoa(`x${secret}`)}</p>`)],
    ['I2', 'a token in the log', { lines: [`{"level":"info","x":"${secret}"}`] }],
    ['I2', 'a state in the log', { lines: [`{"level":"debug","x":"${state}"}`] }],
    ['I2', 'words of the server in the log', { lines: ['{"level":"debug","x":"<h1>x-marker</h1>"}'] }],
    ['I2', 'the marker in the log', { lines: [`{"level":"debug","x":${JSON.stringify(marker)}}`] }],
    ['I2', 'the marker in the log, escaped', { lines: ['{"level":"debug","x":"\\u003cx-xss\\u003e"}'] }],
    ['I3', 'a process that does not answer', { healthMs: null }],
    ['I3', 'a process that takes three seconds to say that it is well', { healthMs: 3_000 }],
    ['I3', 'a process that has grown by 500 MB', { grownMb: 500 }],
    ['I3', 'a stack in the output', { lines: ['Error: x', '    at run (file.js:1:2)'] }],
    ['I3', 'a rejection nobody has handled', { lines: ['{"level":"error","event":"unhandledRejection"}'] }],
    ['I4', 'no page', { page: null }],
    ['I4', 'another status', withPage({ status: 500 })],
    [
      'I4',
      'another problem',
      withPage({ url: new URL('/sign-in/problem?code=unexpected&ref=7KXM-Q2DZ', rejection.url) }),
    ],
    ['I4', 'a blank page', withPage({ html: '' })],
    ['I4', 'a page that says nothing to do', withPage({ html: '<h1>Error</h1>7KXM-Q2DZ' })],
    ['I4', 'a bare error', withPage({ html: `${rejection.html}Internal Server Error` })],
    ['I4', 'a stack', withPage({ html: `${rejection.html} at run (/srv/app.js:1:2)` })],
    [
      'I4',
      'JSON in place of a page',
      withPage({ headers: new Headers({ 'content-type': 'application/json' }) }),
    ],
    [
      'I4',
      'eleven hops',
      withPage({ hops: Array.from({ length: 11 }, () => rejection.hops[0] as Page['hops'][0]) }),
    ],
    ['I4', 'no reference on the page', withPage({ html: rejection.html.replace('7KXM', '') })],
    ['I4', 'no reference in the log', { isReferenceLogged: false }],
    ['I5', 'a token of somebody at the API', { apiOwners: ['user-2'] }],
    ['I5', 'a token of nobody at the API', { apiOwners: [null] }],
    ['I5', 'a request to the sink', { strangers: ['GET /keys'] }],
    ['I6', 'the marker as it came', withAnswer(`<p>${marker}</p>`)],
    ['I7', 'an answer that may be stored', withAnswer('<p></p>', 'public, s-maxage=60')],
    ['I8', 'sixteen seconds', { durationMs: 16_000 }],
    ['oracle', 'a request that is not as it must be', { oracle: ['code is shown twice'] }],
  ])('%s fails for %s, when somebody was rejected', (name, _what, doctored) => {
    expect(findBreaches({ ...rejected, ...doctored }).map((breach) => breach.split(':')[0])).toContain(name);
  });

  it.each<[string, string, Partial<Evidence>]>([
    ['I1', 'nobody', { home: rejected.home }],
    ['I1', 'somebody else', { home: pageAt('/dashboard', '<h1>x</h1>Grace') }],
    ['I4', 'the problem page', { page: rejection }],
    ['I5', 'a token of somebody else at the API', { apiOwners: [person.sub, 'user-2'] }],
  ])('%s fails for %s, when somebody was let in', (name, _what, doctored) => {
    expect(findBreaches({ ...welcomed, ...doctored }).map((breach) => breach.split(':')[0])).toContain(name);
  });

  it('all but I4 are asserted where there is no page', () => {
    const silent: Evidence = { ...rejected, outcome: null, page: null };
    expect(findBreaches(silent)).toEqual([]);
    const doctored: Partial<Evidence>[] = [
      { home: welcomed.home },
      withAnswer(`<p>${secret}</p>`),
      { healthMs: null },
      withAnswer('<p></p>', 'public'),
    ];
    expect(doctored.map((change) => findBreaches({ ...silent, ...change })[0]?.slice(0, 2))).toEqual([
      'I1',
      'I2',
      'I3',
      'I7',
    ]);
  });

  it('I4 fails for a server that is down without saying when to come back', () => {
    const headers = new Headers({ 'content-type': 'text/html' });
    const page = {
      ...pageAt(
        '/sign-in/problem?code=temporarily_unavailable&ref=7KXM-Q2DZ',
        `<h1>x</h1>${wordsOf('U-ASDOWN')} 7KXM-Q2DZ`,
        503,
      ),
    };
    expect(findBreaches({ ...rejected, outcome: 'U-ASDOWN', page })).toEqual([]);
    expect(findBreaches({ ...rejected, outcome: 'U-ASDOWN', page: { ...page, headers } })).toEqual([
      'I4: no Retry-After',
    ]);
  });
});
