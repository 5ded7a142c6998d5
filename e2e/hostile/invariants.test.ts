/** Shows that each invariant can fail: the evidence is right but for one place. */
import { describe, expect, it } from 'vitest';
import type { Page } from '../support/http-browser.ts';
import { type Evidence, findBreaches, marker } from './invariants.ts';
import { outcomes } from './outcomes.ts';

const user = { sub: 'user-1', name: 'Ada & <b>' };
const responseOf = (html: string, cache = 'private, no-store') =>
  `content-type: text/html\ncache-control: ${cache}\n\n${html}`;

function pageAt(address: string, html: string, status = 200): Page {
  const url = new URL(address, 'http://localhost:1');
  const headers = new Headers({ 'content-type': 'text/html', 'retry-after': '60' });
  return { url, status, headers, html, responses: [{ url, status, location: null, setCookies: [] }] };
}

const wordsOf = (name: keyof typeof outcomes) => outcomes[name].words.map(({ source }) => source).join(' ');
const rejection = pageAt(
  '/sign-in/problem?code=invalid_response&ref=7KXM-Q2DZ',
  `<h1>x</h1>${wordsOf('invalid_response')} Reference 7KXM-Q2DZ`,
  502,
);

const rejected: Evidence = {
  outcome: 'invalid_response',
  page: rejection,
  traffic: { requests: 3, responses: 4 },
  home: pageAt('/sign-in', '<h1>Sign in</h1>'),
  signedIn: null,
  session: { before: null, after: null, isKept: false },
  transactions: { left: 0, allowed: 0 },
  received: [responseOf(rejection.html)],
  secrets: [{ name: 'access token', value: 'access-0123456789abcdef' }],
  unlogged: [{ name: 'state', value: 'state-0123456789abcdef' }],
  lines: ['{"level":"warn","event":"sign_in_rejected"}'],
  isReferenceLogged: true,
  isHealthy: true,
  grownMb: 100,
  apiOwners: [],
  unexpectedRequests: [],
  oracle: [],
};
const accepted: Evidence = {
  ...rejected,
  outcome: 'signed_in',
  page: pageAt('/dashboard/access', `<h1>x</h1>${wordsOf('signed_in')}`),
  home: pageAt('/dashboard', '<h1>x</h1>Ada &amp; &lt;b&gt;'),
  signedIn: user,
  session: { before: null, after: 'sealed', isKept: false },
  apiOwners: [user.sub, user.sub],
};

const withPage = (change: Partial<Page>): Partial<Evidence> => ({ page: { ...rejection, ...change } });
const withResponse = (html: string, cache?: string): Partial<Evidence> => ({
  received: [responseOf(html, cache)],
});
const [secret] = rejected.secrets.map(({ value }) => value);
const [state] = rejected.unlogged.map(({ value }) => value);

describe('the invariants', () => {
  it('hold for evidence that is right', () => {
    expect([findBreaches(rejected), findBreaches(accepted)]).toEqual([[], []]);
  });

  it.each<[string, string, Partial<Evidence>]>([
    ['I1', 'a page for signed-in users', { home: accepted.home }],
    ['I1', 'a new session', { session: { before: null, after: 'sealed', isKept: false } }],
    ['I1', 'a session that was changed', { session: { before: 'sealed', after: 'other', isKept: true } }],
    ['I1', 'a session that was removed', { session: { before: 'sealed', after: null, isKept: true } }],
    ['I1', 'a transaction that is still open', { transactions: { left: 1, allowed: 0 } }],
    ['I2', 'a token on a page', withResponse(`<p>${secret}</p>`)],
    ['I2', 'a token on a page in base64', withResponse(`<p>${btoa(`x${secret}`)}</p>`)],
    ['I2', 'a token in the log', { lines: [`{"level":"info","x":"${secret}"}`] }],
    ['I2', 'a state in the log', { lines: [`{"level":"debug","x":"${state}"}`] }],
    [
      'I2',
      'words of the authorization server in the log',
      { lines: ['{"level":"debug","x":"<h1>x-marker</h1>"}'] },
    ],
    ['I2', 'the marker in the log', { lines: [`{"level":"debug","x":${JSON.stringify(marker)}}`] }],
    ['I2', 'the escaped marker in the log', { lines: ['{"level":"debug","x":"\\u003cx-xss\\u003e"}'] }],
    ['I3', 'a process that does not respond', { isHealthy: false }],
    ['I3', 'a process that prints an empty object', { lines: ['{}'] }],
    ['I3', 'a process that has grown by 500 MB', { grownMb: 500 }],
    ['I3', 'a printed stack', { lines: ['Error: x', '    at run (file.js:1:2)'] }],
    [
      'I3',
      'an unhandled rejection of a promise',
      { lines: ['{"level":"error","event":"unhandledRejection"}'] },
    ],
    ['I4', 'a case without a page', { page: null }],
    ['I4', 'a page with another status', withPage({ status: 500 })],
    [
      'I4',
      'a page about another problem',
      withPage({ url: new URL('/sign-in/problem?code=unexpected&ref=7KXM-Q2DZ', rejection.url) }),
    ],
    ['I4', 'a blank page', withPage({ html: '' })],
    ['I4', 'a page that does not say what to do', withPage({ html: '<h1>Error</h1>7KXM-Q2DZ' })],
    ['I4', 'a bare error of the HTTP server', withPage({ html: `${rejection.html}Internal Server Error` })],
    ['I4', 'a stack on a page', withPage({ html: `${rejection.html} at run (/srv/app.js:1:2)` })],
    [
      'I4',
      'JSON instead of a page',
      withPage({ headers: new Headers({ 'content-type': 'application/json' }) }),
    ],
    [
      'I4',
      'ten redirects',
      withPage({
        responses: Array.from({ length: 11 }, () => rejection.responses[0] as Page['responses'][0]),
      }),
    ],
    ['I4', 'a page without its reference', withPage({ html: rejection.html.replace('7KXM', '') })],
    ['I4', 'a log without the reference of the page', { isReferenceLogged: false }],
    ['I5', 'a token of a user at the API', { apiOwners: ['user-2'] }],
    ['I5', 'a token at the API that was never issued', { apiOwners: [null] }],
    ['I5', 'a request to the sink', { unexpectedRequests: ['GET /keys'] }],
    ['I6', 'the marker on a page unescaped', withResponse(`<p>${marker}</p>`)],
    ['I7', 'a response that a cache may store', withResponse('<p></p>', 'public, s-maxage=60')],
    ['I8', 'forty-one requests for four responses', { traffic: { requests: 41, responses: 4 } }],
    ['oracle', 'a request that the authorization server found wrong', { oracle: ['code is shown twice'] }],
  ])('%s fails for %s after a rejected response', (name, _what, doctored) => {
    expect(findBreaches({ ...rejected, ...doctored }).map((breach) => breach.split(':')[0])).toContain(name);
  });

  it.each<[string, string, Partial<Evidence>]>([
    ['I1', 'a browser that is not signed in', { home: rejected.home }],
    ['I1', 'the page of another user', { home: pageAt('/dashboard', '<h1>x</h1>Grace') }],
    ['I4', 'a problem page', { page: rejection }],
    ['I5', 'a token of another user at the API', { apiOwners: [user.sub, 'user-2'] }],
  ])('%s fails for %s after an accepted response', (name, _what, doctored) => {
    expect(findBreaches({ ...accepted, ...doctored }).map((breach) => breach.split(':')[0])).toContain(name);
  });

  it('all of them but I4 hold for cases that do not end on a page, too', () => {
    const silent: Evidence = { ...rejected, outcome: null, page: null };
    expect(findBreaches(silent)).toEqual([]);
    const doctored: Partial<Evidence>[] = [
      { home: accepted.home },
      withResponse(`<p>${secret}</p>`),
      { isHealthy: false },
      withResponse('<p></p>', 'public'),
    ];
    expect(doctored.map((change) => findBreaches({ ...silent, ...change })[0]?.slice(0, 2))).toEqual([
      'I1',
      'I2',
      'I3',
      'I7',
    ]);
  });

  it('I4 fails for a page about an outage that does not say when to try again', () => {
    const headers = new Headers({ 'content-type': 'text/html' });
    const page = {
      ...pageAt(
        '/sign-in/problem?code=temporarily_unavailable&ref=7KXM-Q2DZ',
        `<h1>x</h1>${wordsOf('temporarily_unavailable')} 7KXM-Q2DZ`,
        503,
      ),
    };
    expect(findBreaches({ ...rejected, outcome: 'temporarily_unavailable', page })).toEqual([]);
    expect(
      findBreaches({ ...rejected, outcome: 'temporarily_unavailable', page: { ...page, headers } }),
    ).toEqual(['I4: no Retry-After']);
  });
});
