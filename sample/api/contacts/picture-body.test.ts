import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { beginnings, createPictureUser, inventPicture, type PictureUser } from '../testing/picture-user.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { maxPictureBytes, type PictureType } from './picture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

let user: PictureUser;
beforeEach(async () => {
  user = await createPictureUser(api);
});

const png = inventPicture('image/png');
const encode = (text: string) => new TextEncoder().encode(text);
const expectNothingStored = async () => expect((await user.get()).status).toBe(404);

describe('the type of a picture', () => {
  test.each([
    ...['', 'image/gif', 'image/svg+xml', 'text/html', 'application/octet-stream', 'image/*', 'image/pngx'],
    ...['__proto__', 'image/gif, image/png', 'multipart/form-data; boundary=x'],
  ])('%j is rejected, whatever the bytes are', async (type) => {
    const response = await user.put({ type, body: png });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ type: 'tag:strongroom.test,2025:unsupported_media_type' });
    await expectNothingStored();
  });

  test.each<[PictureType, string, Uint8Array<ArrayBuffer>]>([
    ['image/png', 'JPEG', inventPicture('image/jpeg')],
    ['image/jpeg', 'WebP', inventPicture('image/webp')],
    ['image/webp', 'PNG', png],
    ['image/png', 'HTML', encode('<!doctype html><script>alert(1)</script>')],
    ['image/webp', 'RIFF of another kind', encode('RIFF\x10\0\0\0WAVEfmt ')],
    ['image/jpeg', 'GIF', encode('GIF89a')],
    ['image/png', 'nothing', new Uint8Array()],
    ['image/png', 'half a signature', png.slice(0, 7)],
    ['image/png', 'a signature that comes late', new Uint8Array([0, ...beginnings['image/png']])],
  ])('%s with the bytes of %s is rejected', async (type, _, body) => {
    expect((await user.put({ type, body })).status).toBe(415);
    await expectNothingStored();
  });

  test('an encoded body and a part of a picture are rejected', async () => {
    expect((await user.put({ body: png, headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
    const part = { 'content-range': 'bytes 0-999/2000' };
    expect((await user.put({ body: png, headers: part })).status).toBe(400);
    await expectNothingStored();
  });
});

/** Sends the head of an upload. */
function beginUpload(framing: string): Socket {
  const { hostname, port, host } = new URL(api.identifier);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const head = [
    `PUT ${user.contact}/picture HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${user.token}`,
  ];
  socket.write([...head, 'Content-Type: image/png', framing, '', ''].join('\r\n'));
  return socket;
}

describe('the size of a picture', () => {
  test('RS-19: one byte over 2 MB is rejected, announced or chunked', async () => {
    const body = inventPicture('image/png', maxPictureBytes + 1);
    for (const sent of [body, new Blob([body]).stream()]) {
      const response = await user.put({ body: sent });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ type: 'tag:strongroom.test,2025:body_too_large' });
    }
    await expectNothingStored();
  });

  test('RS-19: a body that is announced as larger is rejected before it arrives', async () => {
    const socket = beginUpload(`Content-Length: ${maxPictureBytes + 1}`);
    const [head] = await once(socket, 'data');
    expect(String(head)).toMatch(/^HTTP\/1.1 413 /);
  });
});

describe('uploads that do not come to an end', () => {
  const chunk = Buffer.concat([Buffer.from('3e8\r\n'), png, Buffer.from('\r\n')]);
  test.each([
    ['announced, then reset', 'Content-Length: 2000', png, 'resetAndDestroy'],
    ['announced, then ended', 'Content-Length: 2000', png, 'end'],
    ['chunked, then reset', 'Transfer-Encoding: chunked', chunk, 'resetAndDestroy'],
    ['chunked, then ended', 'Transfer-Encoding: chunked', chunk, 'end'],
  ] as const)('a picture that is cut in the middle is not stored: %s', async (_, framing, first, cut) => {
    const seen = api.log.length;
    const socket = beginUpload(`${framing}\r\nExpect: 100-continue`);
    // The server has the request, and waits for its body.
    await once(socket, 'data');
    await new Promise<void>((resolve) => socket.write(first, () => resolve()));
    socket[cut]();
    await vi.waitFor(() => expect(api.log.length).toBeGreaterThan(seen), { timeout: 120_000 });
    expect(JSON.stringify(api.log.slice(seen))).not.toMatch(/unexpected|picture_stored/);
    await expectNothingStored();
  });

  test('RS-19: a user has only so many uploads under way, and one that is cut makes room', async () => {
    const begun = [1, 2, 3, 4, 5].map(() => beginUpload('Content-Length: 2000'));
    // One of the five finds the places of the other four taken.
    const isFull = () => expect(api.log.at(-1)).toMatchObject({ reason: 'upload_limit' });
    await vi.waitFor(isFull, { timeout: 120_000 });
    const rejected = await user.put({ body: png });
    expect(rejected.status).toBe(429);
    expect(rejected.headers.get('retry-after')).toBe('2');
    expect((await (await createPictureUser(api)).put({ body: png })).status).toBe(204);
    for (const socket of begun) socket.destroy();
    const isStored = async () => expect((await user.put({ body: png })).status).toBe(204);
    await vi.waitFor(isStored, { timeout: 120_000 });
  });
});
