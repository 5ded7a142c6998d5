import { describe, expect, it } from 'vitest';
import { upstreams } from '../../testing/upstreams';
import { chooseRequestHeaders, isJsonBody } from './forwarded-headers';

const get = upstreams.contacts?.routes[0];
const post = upstreams.messages?.routes[1];
if (get === undefined || post === undefined) throw new Error('the table has changed');
const own = { accept: 'application/json, application/problem+json', 'accept-encoding': 'identity' };

describe('the headers of a proxied request', () => {
  it('PX-04: are ours, whatever came', () => {
    const sent = new Headers({
      cookie: 'a=b',
      authorization: 'Bearer x',
      accept: 'text/html',
      'accept-encoding': 'gzip',
      'x-forwarded-for': '1.2.3.4',
      x_forwarded_for: '1.2.3.4',
      'x-user': 'root',
      'x-http-method-override': 'DELETE',
      'x-middleware-subrequest': 'proxy',
      dpop: 'proof',
      te: 'trailers',
      range: 'bytes=0-1',
      'x-strongroom': '1',
    });
    expect(Object.fromEntries(chooseRequestHeaders(sent, get))).toEqual(own);
    expect(Object.fromEntries(chooseRequestHeaders(sent, post))).toEqual({
      ...own,
      'content-type': 'application/json',
    });
  });

  it('PX-04: a language and the key of a request pass in their shape alone', () => {
    const good = { 'accept-language': 'de-CH, de;q=0.9, *;q=0.1', 'idempotency-key': 'k'.repeat(43) };
    expect(Object.fromEntries(chooseRequestHeaders(new Headers(good), get))).toEqual({ ...own, ...good });
    for (const [name, value] of [
      ['accept-language', 'a'.repeat(201)],
      ['accept-language', '<script>'],
      ['idempotency-key', 'short'],
      ['idempotency-key', '"quoted-and-long"'],
    ] as const)
      expect(Object.fromEntries(chooseRequestHeaders(new Headers({ [name]: value }), get))).toEqual(own);
  });

  it.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['Application/JSON;charset="UTF-8"', true],
    ['application/json; charset=utf-16', false],
    ['application/json, text/plain', false],
    ['text/plain', false],
    ['text/plain; application/json', false],
    ['application/x-www-form-urlencoded', false],
    ['multipart/form-data; boundary=application/json', false],
    ['application/jsonp', false],
    ['', false],
  ])('CS-02: %s is JSON: %s', (type, expected) => {
    expect(isJsonBody(new Headers({ 'content-type': type }))).toBe(expected);
  });
});
