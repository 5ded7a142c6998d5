import { describe, expect, it } from 'vitest';
import { upstreams } from '../../testing/upstreams';
import { resolveRoute } from './resolve-route';
import type { GatewayRoute, Upstreams } from './upstreams';

const route = (method: 'GET' | 'PUT', path: string[], query = {}): GatewayRoute => ({
  method,
  path,
  query,
  accepts: ['application/json'],
  maxRequestBytes: 0,
  maxResponseBytes: 1,
});
const table: Upstreams = {
  books: {
    baseUrl: () => 'https://api.example',
    token: 'session',
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

describe('what a proxied request asks for', () => {
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
  ])('PX-01: %s is nothing', (path) => {
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

  it('PX-03: another method is told which ones there are', () => {
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

  it('PX-01: leads below the configured API, and takes tokens nowhere else', () => {
    const config = { apiBaseUrl: 'https://api.example/v1' } as Parameters<
      (typeof upstreams)[string]['baseUrl']
    >[0];
    for (const { baseUrl, token } of Object.values(upstreams))
      if (token === 'session') expect(baseUrl(config)).toMatch(/^https:\/\/api\.example\/v1\//);
  });

  it('PX-03: has methods that mean something, and no HEAD or OPTIONS', () => {
    for (const { method } of routes) expect(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).toContain(method);
  });

  it('PX-06, PX-09: has bounds for everything, and no markup', () => {
    for (const { accepts, method, maxRequestBytes, maxResponseBytes } of routes) {
      expect(accepts.join()).not.toMatch(/html|xml|svg|\*/);
      expect(maxResponseBytes).toBeLessThanOrEqual(10_000_000);
      expect(maxRequestBytes).toBeLessThanOrEqual(method === 'GET' ? 0 : 1_000_000);
    }
  });
});
