/** Uploads and pictures through the gateway: who may, how far, and how they end. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayWorld, loadFrom, startGatewayWorld } from '../support/gateway-world.ts';
import type { ScriptedResponse } from '../support/scripted-api.ts';

let world: GatewayWorld;
const picturePath = '/api/gateway/contacts/c_1/picture';
beforeAll(async () => {
  world = await startGatewayWorld();
  // Otherwise a HEAD would ask for a nonce before the first body that can be sent once only.
  await world.ask('/api/gateway/contacts');
  world.forget();
});
afterEach(() => world.forget());
afterAll(() => world.close());

const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code: string }).code,
];
const headerOf = (name: string) => {
  const { rawHeaders = [] } = world.api.requests[0] ?? {};
  return rawHeaders[rawHeaders.findIndex((one) => one.toLowerCase() === name) + 1];
};

/** A body in parts that the test sends. */
function partsOf(type = 'image/png') {
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const leaving = new AbortController();
  const init = { method: 'PUT', body: readable, headers: { 'content-type': type }, signal: leaving.signal };
  return { writer, leaving, init };
}

describe('an upload', () => {
  it('PX-09: reaches the API part by part, byte for byte', async () => {
    world.respond = () => ({ status: 204 });
    const { writer, init } = partsOf();
    const response = world.ask(picturePath, init);
    await writer.write(Buffer.alloc(200_000, 'a'));
    await expect.poll(() => world.api.uploads[0]?.body.byteLength).toBe(200_000);
    expect(world.api.uploads[0]?.isWhole).toBe(false);
    await writer.write(Buffer.alloc(100_000, 'b'));
    await writer.close();
    expect((await response).status).toBe(204);
    expect(world.api.uploads[0]?.isWhole).toBe(true);
    expect(world.api.uploads[0]?.body).toEqual(
      Buffer.concat([Buffer.alloc(200_000, 'a'), Buffer.alloc(100_000, 'b')]),
    );
    expect([world.api.requests[0]?.line, headerOf('content-type')]).toEqual([
      'PUT /contacts/c_1/picture',
      'image/png',
    ]);
  });

  it('PX-09: of 2 MB passes, of one byte more does not reach the API', async () => {
    world.respond = () => ({ status: 204 });
    const put = (bytes: number) =>
      world.ask(picturePath, {
        method: 'PUT',
        body: Buffer.alloc(bytes),
        headers: { 'content-type': 'image/webp' },
      });
    expect((await put(2_000_000)).status).toBe(204);
    expect(world.api.uploads.map(({ body }) => body.byteLength)).toEqual([2_000_000]);
    expect(await codeOf(await put(2_000_001))).toEqual([413, 'body_too_large']);
    expect(world.api.uploads).toHaveLength(1);
  });

  it('PX-09: that grows beyond the limit on its way is never taken for a complete one by the API', async () => {
    const { writer, init } = partsOf();
    const outcome = world.ask(picturePath, init).then(codeOf, () => 'closed');
    await writer.write(Buffer.alloc(2_000_000));
    await expect.poll(() => world.api.uploads.length).toBe(1);
    await writer.write(Buffer.alloc(1)).catch(() => {});
    await writer.close().catch(() => {});
    expect([[413, 'body_too_large'], 'closed']).toContainEqual(await outcome);
    expect(world.api.uploads[0]?.isWhole).toBe(false);
  });

  it('PX-09: that its browser cuts is never taken for a complete one by the API', async () => {
    const { writer, leaving, init } = partsOf();
    const outcome = world.ask(picturePath, init).catch(() => 'gone');
    await writer.write(Buffer.alloc(200_000));
    await expect.poll(() => world.api.uploads[0]?.body.byteLength).toBe(200_000);
    leaving.abort();
    expect(await outcome).toBe('gone');
    // The application is well, and the API has seen the connection break.
    world.respond = () => ({ status: 200, body: '{"items":[]}' });
    expect((await world.ask('/api/gateway/contacts')).status).toBe(200);
    expect(world.api.uploads).toMatchObject([{ isWhole: false }]);
  });

  it.each([
    'image/svg+xml',
    'image/gif',
    'text/html',
    'application/json',
    'multipart/form-data; boundary=a',
    '',
  ])('CS-02: of type %j is rejected', async (type) => {
    const response = await world.ask(picturePath, {
      method: 'PUT',
      body: 'x',
      headers: { 'content-type': type },
    });
    expect(await codeOf(response)).toEqual([415, 'unsupported_media_type']);
    expect(world.api.requests).toEqual([]);
  });

  it.each([
    ['without our header', { 'x-strongroom': '', 'sec-fetch-dest': 'empty' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another origin', { origin: 'https://evil.example' }],
  ])('CS-02: %s is rejected', async (_how, headers) => {
    const init = { method: 'PUT', body: 'x', headers: { 'content-type': 'image/png', ...headers } };
    expect(await codeOf(await world.ask(picturePath, init))).toEqual([403, 'cross_site_request']);
    expect(world.api.requests).toEqual([]);
  });
});

describe('a picture', () => {
  const bytes = Buffer.from('89504e470d0a1a0a00ff', 'hex');
  const picture = (type: string, headers: Record<string, string> = {}): ScriptedResponse => ({
    status: 200,
    headers: { 'content-type': type, etag: '"v1"', 'cache-control': 'public, max-age=99', ...headers },
    body: bytes,
  });

  it('PX-06, PX-12: is shown by <img>, runs nothing, and is kept by its own browser alone', async () => {
    world.respond = () => picture('image/png', { 'content-disposition': 'attachment', 'x-canary': '1' });
    const response = await loadFrom(world, picturePath, 'image');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    const { headers } = response;
    expect(headers.get('content-type')).toBe('image/png');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect([headers.get('cache-control'), headers.get('etag')]).toEqual(['private, no-cache', '"v1"']);
    expect(headers.get('vary')).toMatch(/\bCookie\b/);
    for (const name of ['content-disposition', 'x-canary']) expect(headers.get(name)).toBeNull();
  });

  it('PX-12: is not sent again when it is still the same', async () => {
    world.respond = () => ({ status: 304, headers: { etag: '"v1"' } });
    const response = await loadFrom(world, picturePath, 'image', { headers: { 'if-none-match': '"v1"' } });
    expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', '"v1"']);
    expect(headerOf('if-none-match')).toBe('"v1"');
  });

  it.each(['text/html', 'image/svg+xml', 'image/gif', 'application/json', 'image/png, text/html'])(
    'PX-06: of type %s is not shown',
    async (type) => {
      world.respond = () => picture(type);
      expect(await codeOf(await loadFrom(world, picturePath, 'image'))).toEqual([502, 'invalid_response']);
    },
  );

  it('PX-09: that is too large is not shown', async () => {
    world.respond = () => picture('image/png', { 'content-length': '2000001' });
    expect(await codeOf(await loadFrom(world, picturePath, 'image'))).toEqual([502, 'invalid_response']);
  });

  it.each([
    ['cross-site', 'image'],
    ['same-site', 'image'],
    ['none', 'document'],
    ['same-origin', 'document'],
    ['same-origin', 'iframe'],
    ['same-origin', 'object'],
  ])('CS-04, PX-14: is not shown for %s as %s', async (site, dest) => {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-dest': dest };
    expect(await codeOf(await loadFrom(world, picturePath, 'image', { headers }))).toEqual([
      403,
      'cross_site_request',
    ]);
    expect(world.api.requests).toEqual([]);
  });

  it('CS-04: addresses of other types are not loaded as a picture', async () => {
    expect(await codeOf(await loadFrom(world, '/api/gateway/contacts', 'image'))).toEqual([
      403,
      'cross_site_request',
    ]);
    expect(world.api.requests).toEqual([]);
  });
});
