import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPictureUser, inventPicture, type PictureUser } from '../testing/picture-user.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import type { Contact } from './contact.ts';
import { maxPictureBytes, maxPicturesPerOwner, pictureTypes } from './picture.ts';

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
const readContact = async () => (await (await api.get(user.contact, user.token)).json()) as Contact;

describe('a contact’s picture', () => {
  test.each(pictureTypes)(
    '%s comes back as it was sent, for its user to keep and to ask about',
    async (type) => {
      expect((await user.get()).status).toBe(404);
      const body = inventPicture(type);
      const stored = await user.put({ type, body });
      expect(stored.status).toBe(204);
      expect(await stored.text()).toBe('');
      const response = await user.get();
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': type,
        'content-length': '1000',
        'cache-control': 'private, no-cache',
        'x-content-type-options': 'nosniff',
        etag: stored.headers.get('etag'),
      });
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
    },
  );

  test('the contact says since when, alone and in the list, and nothing else about it changes', async () => {
    const before = await readContact();
    expect(before.picture_updated_at).toBeNull();
    await user.put({ body: png });
    const after = await readContact();
    expect(after).toEqual({ ...before, picture_updated_at: expect.any(String) });
    expect(new Date(after.picture_updated_at ?? '').toISOString()).toBe(after.picture_updated_at);
    const listed = await user.listContacts();
    expect(listed.filter((contact) => contact.picture_updated_at !== null)).toEqual([after]);
  });

  test('a second picture takes the place of the first and has another entity tag', async () => {
    const first = await user.put({ body: png });
    await user.put({ type: 'image/webp; q=1', body: inventPicture('image/webp', 20) });
    const response = await user.get({ 'if-none-match': first.headers.get('etag') ?? '' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect((await response.arrayBuffer()).byteLength).toBe(20);
  });

  test('a picture that the client has is not sent again', async () => {
    const etag = (await user.put({ body: png })).headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const response = await user.get({ 'if-none-match': known });
      expect(response.status).toBe(304);
      expect(response.headers.get('etag')).toBe(etag);
      expect(response.headers.get('cache-control')).toBe('private, no-cache');
    }
    expect((await user.get({ 'if-none-match': '"x"' })).status).toBe(200);
  });

  test('a chunked picture of exactly 2 MB is stored', async () => {
    const body = new Blob([inventPicture('image/jpeg', maxPictureBytes)]).stream();
    expect((await user.put({ type: 'image/jpeg', body })).status).toBe(204);
    expect((await (await user.get()).arrayBuffer()).byteLength).toBe(maxPictureBytes);
  });

  test('RS-19: a user has only so many pictures, and those there are can be replaced', async () => {
    const contacts = await user.listContacts();
    const paths = contacts.slice(0, maxPicturesPerOwner + 1).map(({ id }) => `/contacts/${id}`);
    const last = paths.pop();
    for (const path of paths) expect((await user.put({ body: png, path })).status).toBe(204);
    const response = await user.put({ body: png, path: last });
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({
      type: 'tag:strongroom.test,2025:too_many_pictures',
      title: 'There is no room for another picture',
      status: 409,
      detail: 'At most 50 contacts have a picture.',
    });
    expect((await user.get({}, last)).status).toBe(404);
    expect((await user.put({ body: png, path: paths[0] })).status).toBe(204);
  });
});

describe('RS-10: pictures of another user', () => {
  test('RS-10: another user’s contact is as absent as one that never was, to write and to read', async () => {
    await user.put({ body: png });
    const other = await createPictureUser(api);
    const [path, absent] = [user.contact, '/contacts/c_x'];
    for (const call of [
      (at: string) => other.put({ body: inventPicture('image/png', 50), path: at }),
      (at: string) => other.get({}, at),
    ]) {
      const response = await call(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toBe(await (await call(absent)).text());
    }
    expect((await (await user.get()).arrayBuffer()).byteLength).toBe(png.byteLength);
  });

  test.each([
    ...[
      '/contacts/..%2f..%2fetc',
      '/contacts/%2e%2e%2fx',
      '/contacts/%00',
      '/contacts/export',
      '/contacts/c_x%2f',
    ],
    ...[
      "/contacts/'%20OR%201=1",
      `/contacts/${'a'.repeat(3_000)}`,
      '/contacts//',
      '/contacts/..',
      '/contacts',
    ],
  ])('nothing is stored or found at %.40s', async (path) => {
    // `/contacts/picture` is the address of a contact, which knows no PUT.
    expect((await user.put({ body: png, path })).status).toBe(path === '/contacts' ? 405 : 404);
    expect((await user.get({}, path)).status).toBe(404);
    expect((await user.listContacts()).every((contact) => contact.picture_updated_at === null)).toBe(true);
  });
});
