import { describe, expect, it } from 'vitest';
import { allowedMethods, type IncomingRequest, isDecodableTarget, validateRequest } from './validate-request';

const origin = 'https://app.example';
const good: IncomingRequest = {
  method: 'GET',
  target: '/dashboard?page=2',
  hosts: ['app.example'],
  contentLength: undefined,
  contentType: undefined,
  transferEncoding: undefined,
  cookie: undefined,
  isActionCall: false,
  routerState: undefined,
};
const validate = (changes: Partial<IncomingRequest>, appOrigin = origin) =>
  validateRequest({ ...good, ...changes }, appOrigin);

describe('a request at the server guard', () => {
  it.each([
    ['an ordinary request', {}],
    ['the default port of https', { hosts: ['app.example:443'] }],
    ['a host in capital letters', { hosts: ['App.Example'] }],
    ['a health check by address', { target: '/healthz', hosts: ['10.0.0.7:3000'] }],
    ['a readiness check by address', { target: '/readyz?x', hosts: [] }],
    ['a form', { method: 'POST', contentLength: '256000' }],
    ['a query of 200 parameters', { target: `/?${'a&'.repeat(199)}` }],
    ['as many cookies as a browser keeps', { cookie: 'a=b; '.repeat(180) }],
    ['a call of an action', { method: 'POST', isActionCall: true, contentLength: '2' }],
    ['a form with a boundary', { method: 'POST', contentType: 'multipart/form-data; boundary=x' }],
    ['a form with a quoted boundary', { method: 'POST', contentType: 'Multipart/Form-Data;BOUNDARY="x y"' }],
    [
      'a form without a boundary that its route checks',
      { method: 'POST', target: '/api/gateway/x', contentType: 'multipart/form-data' },
    ],
    [
      'an upload whose size its route checks',
      { method: 'POST', target: '/api/gateway/x', contentLength: '9000000' },
    ],
    [
      'a chunked body whose size its route checks',
      { method: 'POST', target: '/api/gateway/x', transferEncoding: 'chunked' },
    ],
    [
      'a logout token in a chunked body',
      { method: 'POST', target: '/auth/back-channel-logout', transferEncoding: 'chunked' },
    ],
    ['data for Next’s router', { routerState: '%5B%22%22%2C%7B%7D%5D' }],
    ['a method that its route checks', { method: 'DELETE', target: '/api/gateway/x' }],
    ['an encoded word below /api', { target: '/api/gateway/contacts?q=a%2Fb;c%00//' }],
    ['dots within a name', { target: '/api/gateway/contacts/a..b' }],
    ['the longest address', { target: `/${'a'.repeat(8_191)}` }],
  ])('is admitted: %s', (_, changes) => {
    expect(validate(changes)).toBeNull();
  });

  it.each([
    ['HO-02: another host', { hosts: ['evil.example'] }, 421],
    ['HO-02: no host', { hosts: [] }, 421],
    ['HO-02: a trailing dot', { hosts: ['app.example.'] }, 421],
    ['HO-02: another port', { hosts: ['app.example:8443'] }, 421],
    ['HO-02: a user name', { hosts: ['app.example@evil.example'] }, 421],
    ['HO-02: a path', { hosts: ['app.example/..'] }, 421],
    ['HO-02: our host as the start of another', { hosts: ['app.example.evil.example'] }, 421],
    ['HO-02: a colon without a port', { hosts: ['app.example:'] }, null],
    ['HO-02: a health check for another page', { target: '/healthz/../dashboard', hosts: ['10.0.0.7'] }, 421],
    [
      'RL-05: a call of an action without a body',
      { method: 'POST', isActionCall: true, contentLength: '0' },
      400,
    ],
    ['RL-05: a call of an action without a length', { method: 'POST', isActionCall: true }, 400],
    ['LK-05: a state of Next’s router that is none', { routerState: '{' }, 400],
    ['HO-01: two hosts', { hosts: ['app.example', 'evil.example'] }, 400],
    ['HO-01: our host twice', { hosts: ['app.example', 'app.example'] }, 400],
    ['PX-13: an absolute target', { target: 'http://169.254.169.254/' }, 400],
    ['PX-13: a target without a slash', { target: '*' }, 400],
    ['PX-08: an encoding that resembles chunked', { method: 'POST', transferEncoding: 'xchunked' }, 400],
    ['PX-08: chunked twice', { method: 'POST', transferEncoding: 'chunked, chunked' }, 400],
    ['PX-08: a compressed chunked body', { method: 'POST', transferEncoding: 'gzip, chunked' }, 400],
    ...[
      '%2e%2e/messages',
      '../messages',
      '.',
      './x',
      '%2E/x',
      'a%2fb',
      'a%5cb',
      'a\\b',
      '/x',
      'a;b',
      'a%3bb',
      '%252e',
      'a%00',
      '%zz',
      '%ff',
      'a%0d%0ab',
    ].map((rest): [string, Partial<IncomingRequest>, number] => [
      `PX-02: ${rest}`,
      { target: `/api/gateway/contacts/${rest}` },
      400,
    ]),
    [
      'CB-19: a lone percent sign in an authorization response',
      { target: '/auth/callback/provider?state=x&code=%' },
      400,
    ],
    ['CB-19: half of an encoded character', { target: '/auth/callback/provider?code=%f&state=x' }, 400],
    ['a form posted to a static file', { method: 'POST', target: '/robots.txt' }, 405],
    ['a form posted to a file of Next', { method: 'POST', target: '/_next/static/chunks/x.js' }, 405],
    ['LK-10: TRACE', { method: 'TRACE' }, 405],
    ['CS-03: PUT on a page', { method: 'PUT' }, 405],
    ['CS-03: DELETE on a page', { method: 'DELETE' }, 405],
    ['CS-04: OPTIONS on a page', { method: 'OPTIONS' }, 405],
    ['LK-10: a method of WebDAV', { method: 'PROPFIND' }, 405],
    ['RL-05: a form without a boundary', { method: 'POST', contentType: 'multipart/form-data' }, 400],
    ['RL-05: an empty boundary', { method: 'POST', contentType: 'multipart/form-data; boundary=""' }, 400],
    [
      'RL-05: a parameter that is no boundary',
      { method: 'POST', contentType: 'multipart/x; xboundary=x' },
      400,
    ],
    ['CB-22: a callback by POST', { method: 'POST', target: '/auth/callback/provider' }, 405],
    ['CS-03: a refresh by PUT', { method: 'PUT', target: '/auth/refresh/' }, 405],
    ['CS-03: a status check by POST', { method: 'POST', target: '/auth/status?x' }, 405],
    ['CS-03: a health check by POST', { method: 'POST', target: '/healthz', hosts: [] }, 405],
    ['RL-02: a long address', { target: `/${'a'.repeat(8_192)}` }, 414],
    ['RL-05: a query of many parameters', { target: `/?${'a&'.repeat(200)}` }, 414],
    ['RL-05: more cookies than a browser keeps', { cookie: 'a=b; '.repeat(200) }, 431],
    ['RL-02: a large form', { method: 'POST', contentLength: '256001' }, 413],
    ['RL-02: a form of unknown length', { method: 'POST', transferEncoding: 'chunked' }, 411],
    [
      'RL-02: a form of unknown length below /auth',
      { method: 'POST', target: '/auth/sign-out', transferEncoding: 'chunked' },
      411,
    ],
    [
      'RL-02: a large form below /auth, written with an encoded letter',
      { method: 'POST', target: '/./%61uth/sign-out', contentLength: '64001' },
      413,
    ],
    [
      'RL-02: a chunked body at a path that only ends like one below /api',
      { method: 'POST', target: '//x/api/gateway/y', transferEncoding: 'chunked' },
      411,
    ],
    [
      'RL-02: a chunked body below /api that is not for the gateway',
      { method: 'POST', target: '/api/gateways', transferEncoding: 'chunked' },
      411,
    ],
    [
      'RL-02: a chunked body at an address of the gateway with an encoded letter',
      { method: 'POST', target: '/api/%67ateway/x', transferEncoding: 'chunked' },
      411,
    ],
    [
      'RL-02: a chunked body at the address for logout tokens with an encoded letter',
      { method: 'POST', target: '/auth/%62ack-channel-logout', transferEncoding: 'chunked' },
      411,
    ],
    ['PX-02: dot segments in the address of a page', { target: '/_next/static/../../dashboard' }, 400],
    ['PX-02: encoded dot segments', { target: '/_next/static/%2E./%2e%2e/auth/sign-in' }, 400],
    ['PX-02: dot segments with backslashes', { target: '/x\\..\\dashboard' }, 400],
    ['PX-02: a dot segment at the end', { target: '/dashboard/..' }, 400],
    [
      'RL-02: a large body at a page, written with dot segments after the gateway',
      { method: 'POST', target: '/api/gateway/../../dashboard', contentLength: '256001' },
      413,
    ],
    [
      'a form posted to a file of Next, written with an encoded letter',
      { method: 'POST', target: '/_%6Eext/static/x.js' },
      405,
    ],
    [
      'a form posted to a static file, written with dot segments',
      { method: 'POST', target: '/./robots%2etxt' },
      405,
    ],
    [
      'PX-02: a path below /api, written with dot segments',
      { target: '/x/../api/gateway/contacts/a%2fb' },
      400,
    ],
    [
      'RL-02: a large form below /auth',
      { method: 'POST', target: '/auth/sign-out', contentLength: '64001' },
      413,
    ],
  ])('%s is %s', (_, changes, status) => {
    expect(validate(changes)).toBe(status);
  });

  it('HO-02: a port in the configured origin belongs to the host', () => {
    const local = 'http://localhost:3000';
    expect(validate({ hosts: ['localhost:3000'] }, local)).toBeNull();
    expect(validate({ hosts: ['localhost'] }, local)).toBe(421);
    expect(validate({ hosts: ['127.0.0.1:3000'] }, local)).toBe(421);
  });

  it.each([
    ['/dashboard/contacts/%C3%A9', true],
    ['/x?q=%ff', true],
    ['/dashboard/contacts/%ff', false],
    ['/%', false],
    ['/%c0%af', false],
    ['/%ed%a0%80', false],
    ['/a%00b', false],
  ])('CB-19: whether %s can be decoded is %s', (target, isDecodable) => {
    expect(isDecodableTarget(target)).toBe(isDecodable);
  });
});

describe('addresses below /auth', () => {
  it('LK-10: a rejection names the methods that the route handles', () => {
    expect(allowedMethods('/auth/sign-in?return_to=/x')).toEqual(['GET', 'HEAD', 'POST']);
    expect(allowedMethods('/auth/sign-out')).toEqual(['GET', 'HEAD', 'POST']);
    expect(allowedMethods('/icon.svg')).toEqual(['GET', 'HEAD']);
  });
});
