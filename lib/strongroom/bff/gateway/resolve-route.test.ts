import { describe, expect, it } from 'vitest';
import { upstreams } from '../../testing/upstreams';
import { buildTarget, readSegments, resolveRoute } from './resolve-route';
import type { GatewayRoute, Upstreams } from './upstreams';

const route = (method: 'GET' | 'PUT', path: string[], query = {}): GatewayRoute => ({
  method,
  path,
  query,
  accepts: ['application/json'],
  maxResponseBytes: 1,
});
const table: Upstreams = {
  books: {
    path: '/books',
    timeoutMs: 1,
    routes: [
      route('GET', [], { q: 5 }),
      route('GET', [':id']),
      route('PUT', [':id']),
      route('GET', [':id', 'pages']),
    ],
  },
};
const resolve = (path: string, method = 'GET') =>
  resolveRoute(table, { method, url: new URL(path, 'https://app.example') });

describe('the route of a request', () => {
  it('is a route of the table, with its segments and its query', () => {
    expect(resolve('/api/gateway/books?q=abc')).toMatchObject({
      kind: 'route',
      segments: [],
      query: { q: 'abc' },
    });
    expect(resolve('/api/gateway/books/b%201/pages')).toMatchObject({
      segments: ['b 1', 'pages'],
      query: {},
    });
  });

  it.each([
    '/api/gateway',
    '/api/gateway/',
    '/api/gateway/films',
    '/api/gateway/Books',
    '/api/gateway/%62ooks',
    '/api/gateway/books%20',
    '/api/gateway/books;a',
    '/api/gateway/constructor',
    '/api/gateway/__proto__',
    '/api/gateway/toString',
    '/api/gateway//sink/x',
    '/api/gateway/@sink',
    '/api/gateway/%40sink',
    '/api/gateway/.sink',
    '/api/gateway/http:%2f%2fsink',
    '/api/gateway/books@sink/b1',
    '/api/gateway/books:80/b1',
    '/api/gateway/[::ffff:127.0.0.1]/b1',
    '/api/gateway/2130706433/b1',
    '/api/gateway/169.254.169.254/latest',
    '/api/gateway/books/b1/covers',
    '/api/gateway/books/b1/pages/1',
    '/api/px/books',
    '/dashboard',
  ])('PX-01: %s is not in the table', (path) => {
    expect(resolve(path)).toEqual({ kind: 'no_such_address' });
  });

  it.each([
    '?url=https://sink.example',
    '?q=a&q=b',
    '?q=123456',
    '?Q=a',
    '?q[]=a',
    '?q=%00',
    '?q=a%0d%0ab',
    '?q=%ff',
    '?__proto__=a',
    '?constructor=a',
  ])('PX-01: the query %s is rejected', (query) => {
    expect(resolve(`/api/gateway/books${query}`)).toEqual({ kind: 'malformed' });
  });

  it('PX-03: another method is not allowed, and the ones that are get listed', () => {
    for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'DELETE', 'get', 'FOO'])
      expect(resolve('/api/gateway/books/b1', method)).toEqual({
        kind: 'method_not_allowed',
        allowed: ['GET', 'PUT'],
      });
    expect(resolve('/api/gateway/books', 'PUT')).toEqual({ kind: 'method_not_allowed', allowed: ['GET'] });
  });
});

describe('the table of upstreams', () => {
  const routes = Object.values(upstreams).flatMap((one) => one.routes);

  it('PX-01: leads to plain paths below the API', () => {
    for (const { path } of Object.values(upstreams)) expect(path).toMatch(/^(?:\/[\w-]+)+$/);
  });

  it('PX-03: has no HEAD and no OPTIONS', () => {
    for (const { method } of routes) expect(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).toContain(method);
  });

  it('PX-06, PX-09: has bounds for everything, and no markup', () => {
    for (const { accepts, method, maxRequestBytes = 0, requestTypes = [], maxResponseBytes } of routes) {
      expect([...accepts, ...requestTypes].join()).not.toMatch(/html|xml|svg|\*/);
      expect(maxResponseBytes).toBeLessThanOrEqual(10_000_000);
      expect(maxRequestBytes).toBeLessThanOrEqual(method === 'GET' ? 0 : 2_000_000);
      expect(maxRequestBytes > 0).toBe(requestTypes.length > 0);
    }
  });

  it('PX-09: has event streams that end, well before the guard of the server would end them', () => {
    const streams = routes.filter(({ accepts }) => accepts.includes('text/event-stream'));
    expect(streams.length).toBeGreaterThan(0);
    for (const { stream, accepts } of streams) {
      expect(accepts).toEqual(['text/event-stream']);
      expect(stream?.idleMs).toBeLessThan(120_000);
      expect(stream?.maxMs).toBeLessThanOrEqual(600_000);
    }
  });
});

describe('the path of a request to the gateway', () => {
  it.each([
    ['', []],
    ['/c_1', ['c_1']],
    ['/a/b', ['a', 'b']],
    ['/a%20b', ['a b']],
    ['/caf%C3%A9', ['café']],
    ['/a@b.example', ['a@b.example']],
    ['/...', ['...']],
    ['/.hidden', ['.hidden']],
  ])('PX-02: %j is read', (path, segments) => {
    expect(readSegments(path)).toEqual(segments);
  });

  it.each([
    ['a dot', '/.'],
    ['two dots', '/..'],
    ['two dots below', '/a/../b'],
    ['encoded dots', '/%2e%2e'],
    ['half-encoded dots', '/.%2e/a'],
    ['encoded twice', '/%252e%252e'],
    ['an encoded slash', '/..%2fadmin'],
    ['an encoded slash, upper case', '/a%2Fb'],
    ['a slash encoded twice', '/a%252fb'],
    ['an encoded backslash', '/..%5cadmin'],
    ['a backslash', '/a\\b'],
    ['parameters of a segment', '/..;/admin'],
    ['parameters of a segment, encoded', '/a%3bb'],
    ['NUL', '/a%00'],
    ['CR LF', '/a%0d%0aX-Evil:%201'],
    ['a bare CR LF', '/a\r\nX-Evil: 1'],
    ['a tab', '/a%09b'],
    ['delete', '/a%7f'],
    ['C1 control', '/a%c2%85'],
    ['an encoded question mark', '/a%3fb=c'],
    ['an encoded hash', '/a%23b'],
    ['an overlong slash', '/a%c0%afb'],
    ['an overlong dot', '/%c0%ae%c0%ae'],
    ['no UTF-8', '/a%ff'],
    ['a lone surrogate', '/a%ed%a0%80'],
    ['no encoding at all', '/a%'],
    ['half an encoding', '/a%2'],
    ['another encoding', '/a%u002e'],
    ['an empty segment', '//a'],
    ['an empty segment at the end', '/a/'],
    ['an empty segment between', '/a//b'],
    ['no slash first', 'a'],
    ['a blank', '/a b'],
    ['letters that are no ASCII', '/é'],
    ['a scheme below', '/http:%2f%2fsink'],
    ['too much', `/${'a'.repeat(1_024)}`],
  ])('PX-02: %s is rejected', (_name, path) => {
    expect(readSegments(path)).toBeNull();
  });

  it('PX-02: every segment and parameter is encoded anew', () => {
    const url = buildTarget('https://api.example/v1', ['a b', "é!'()*", '@c:d'], { q: 'x&y=z#' });
    expect(url?.href).toBe("https://api.example/v1/a%20b/%C3%A9!'()*/%40c%3Ad?q=x%26y%3Dz%23");
    expect(buildTarget('https://api.example/v1', [], {})?.href).toBe('https://api.example/v1');
    expect(buildTarget('https://api.example', [], {})?.href).toBe('https://api.example/');
  });

  it.each([[['..']], [['.', '..', '..']], [['..', 'v10']]])(
    'PX-02: %j as a segment would not leave the base address',
    (segments) => {
      expect(buildTarget('https://api.example/v1', segments, {})).toBeNull();
    },
  );

  it('PX-01: no segment changes host, scheme or port of the base address', () => {
    for (const segment of ['//sink', '@sink', 'http://sink', '\\\\sink', ':80', '[::1]', '?u=sink'])
      expect(buildTarget('https://api.example/v1', [segment], {})?.origin).toBe('https://api.example');
  });
});
