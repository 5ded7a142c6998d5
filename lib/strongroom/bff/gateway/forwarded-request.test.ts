import { describe, expect, it } from 'vitest';
import { upstreams } from '../../testing/upstreams';
import { BodyTooLargeError, chooseRequestHeaders, findRequestType, takeBody } from './forwarded-request';

const [get, , picture, upload] = upstreams.contacts?.routes ?? [];
const [, post, stream] = upstreams.messages?.routes ?? [];
if (!get || !picture || !upload || !post || !stream) throw new Error('the table has changed');
const own = { accept: 'application/json, application/problem+json', 'accept-encoding': 'identity' };

describe('the headers of a forwarded request', () => {
  it('PX-04: are ours, whatever the browser sent', () => {
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
      'content-type': 'application/json',
    });
    expect(Object.fromEntries(chooseRequestHeaders(sent, get))).toEqual(own);
    expect(Object.fromEntries(chooseRequestHeaders(sent, post))).toEqual({
      ...own,
      'content-type': 'application/json',
    });
  });

  const language = { 'accept-language': 'de-CH, de;q=0.9, *;q=0.1' };
  const key = { 'idempotency-key': 'k'.repeat(43) };
  const etag = { 'if-none-match': 'W/"a-1"' };
  const lastId = { 'last-event-id': 'm_1' };
  const everything = new Headers({ ...language, ...key, ...etag, ...lastId });

  it.each([
    ['a list', get, language],
    ['a message', post, { ...language, ...key, 'content-type': 'application/json' }],
    ['a picture', picture, { ...language, ...etag }],
    ['an event stream', stream, { ...language, ...lastId }],
  ])('PX-04: of %s, those pass that mean something for it', (_what, route, expected) => {
    const sent = new Headers(everything);
    if (route === post) sent.set('content-type', 'application/json');
    expect(Object.fromEntries(chooseRequestHeaders(sent, route))).toEqual({
      ...expected,
      accept: [...route.accepts, 'application/problem+json'].join(', '),
      'accept-encoding': 'identity',
    });
  });

  it.each([
    ['accept-language', 'a'.repeat(201)],
    ['accept-language', '<script>'],
    ['idempotency-key', 'short'],
    ['idempotency-key', '"quoted-and-long"'],
    ['if-none-match', '*'],
    ['if-none-match', '"a", "b"'],
    ['last-event-id', 'a b'],
    ['last-event-id', 'a'.repeat(129)],
  ])('PX-04: %s does not pass as %j', (name, value) => {
    for (const route of [get, post, picture, stream])
      expect(chooseRequestHeaders(new Headers({ [name]: value }), route).has(name)).toBe(false);
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
    ['image/png', false],
    ['', false],
  ])('CS-02: a body of type %s is taken as JSON: %s', (type, expected) => {
    const found = findRequestType(new Headers({ 'content-type': type }), post);
    expect(found).toBe(expected ? 'application/json' : null);
  });

  it.each([
    ['image/png', 'image/png'],
    ['IMAGE/JPEG', 'image/jpeg'],
    ['image/png; charset=utf-8', null],
    ['image/svg+xml', null],
    ['image/gif', null],
    ['application/json', null],
    ['multipart/form-data; boundary=image/png', null],
  ])('CS-02: a body of type %s is taken as a picture: %s', (type, expected) => {
    expect(findRequestType(new Headers({ 'content-type': type }), upload)).toBe(expected);
  });
});

function streamOf(...sizes: number[]) {
  const seen = { taken: 0, isCancelled: false };
  const left = [...sizes];
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const size = left.shift();
        if (size === undefined) return controller.close();
        seen.taken += 1;
        return controller.enqueue(Buffer.alloc(size, 'a'));
      },
      cancel: () => {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

describe('the body of a forwarded request', () => {
  it('PX-09: a short one is held, to be sent again', async () => {
    const body = await takeBody(streamOf(1, 2, 3).stream, 64_000);
    expect(body).toMatchObject({ kind: 'held' });
    expect(body.kind === 'held' && body.bytes.byteLength).toBe(6);
    expect((await takeBody(streamOf(60_000, 4_000).stream, 64_000)).kind).toBe('held');
  });

  it('PX-09: a long one passes, and is not read ahead', async () => {
    const { stream, seen } = streamOf(...Array.from({ length: 12 }, () => 10_000));
    const body = await takeBody(stream, 256_000);
    if (body.kind !== 'passing') throw new Error(body.kind);
    expect(seen.taken).toBeLessThanOrEqual(8);
    expect((await new Response(body.stream).arrayBuffer()).byteLength).toBe(120_000);
  });

  it('PX-09: beyond the limit it ends with an error, and the rest is not read', async () => {
    const { stream, seen } = streamOf(...Array.from({ length: 100 }, () => 10_000));
    const body = await takeBody(stream, 128_000);
    if (body.kind !== 'passing') throw new Error(body.kind);
    await expect(new Response(body.stream).arrayBuffer()).rejects.toThrow(BodyTooLargeError);
    expect(seen).toEqual({ taken: 13, isCancelled: true });
  });

  it('PX-09: too large from the start is rejected at once', async () => {
    const { stream, seen } = streamOf(100_000, 1);
    expect(await takeBody(stream, 64_000)).toEqual({ kind: 'too_large' });
    expect(seen).toEqual({ taken: 1, isCancelled: true });
    expect((await takeBody(streamOf(11).stream, 10)).kind).toBe('too_large');
  });

  it('is none where none is taken', async () => {
    expect(await takeBody(null, 10)).toEqual({ kind: 'none' });
    expect(await takeBody(streamOf(1).stream, 0)).toEqual({ kind: 'none' });
  });
});
