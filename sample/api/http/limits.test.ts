import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sendRaw } from '../testing/raw-request.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('RS-19: sizes', () => {
  test('RS-19: a body over 64 KB is rejected, announced or chunked', async () => {
    const text = JSON.stringify({ text: 'x'.repeat(65 * 1024) });
    const token = await api.token();
    expect((await api.post(text, token)).status).toBe(413);
    const stream = new Blob([text]).stream();
    const response = await fetch(`${api.identifier}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ status: 413 });
  });

  test('RS-19: an address over 8 KB is rejected', async () => {
    const response = await api.get(`/contacts?q=${'x'.repeat(9_000)}`, await api.token());
    expect(response.status).toBe(414);
  });

  test('RS-14, RS-19: headers over 64 KB, such as a token of 1 MB, are rejected before they are read whole', async () => {
    for (const size of [70_000, 1_000_000]) {
      const answer = await sendRaw(api.identifier, [
        'GET /contacts HTTP/1.1',
        `Authorization: Bearer ${'a'.repeat(size)}`,
      ]);
      expect(answer.status).toBe(431);
      expect(answer.head).toMatch(/cache-control: no-store/i);
      expect(JSON.parse(answer.body)).toMatchObject({
        status: 431,
        title: 'The request headers are too large',
      });
    }
  });

  test('RS-19: a token of 48 KB is accepted, a longer one is not', async () => {
    const padded = async (characters: number) => {
      const rest = (await api.token({ padding: '' })).length;
      // Four characters of the token are three of the claim.
      return api.token({ padding: 'x'.repeat(Math.floor(((characters - rest) * 3) / 4)) });
    };
    const [fits, exceeds] = [await padded(48 * 1024 - 4), await padded(48 * 1024 + 8)];
    expect(fits.length).toBeGreaterThan(48 * 1024 - 16);
    expect((await api.get('/contacts', fits)).status).toBe(200);
    expect((await api.get('/contacts', exceeds)).status).toBe(401);
    expect(api.log.at(-1)).toMatchObject({ reason: 'token_too_long' });
  });

  test.each([['NOT HTTP AT ALL'], ['GET /contacts HTTP/1.1', 'Bad Header: \u0000']])(
    'RS-14: what is not HTTP gets 400: %s',
    async (...lines) => {
      const answer = await sendRaw(api.identifier, lines);
      expect(answer.status).toBe(400);
      expect(answer.head).toMatch(/application\/problem\+json/);
    },
  );

  test.each(['Host: a b', 'Host: [', 'Host: user@x/y', 'Host: '])(
    'RS-14: the header %j gives no 500',
    async (host) => {
      const answer = await sendRaw(api.identifier, ['GET /contacts HTTP/1.1', host]);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.head).toMatch(/x-content-type-options: nosniff/i);
    },
  );
});

describe('RS-19: rates', () => {
  test('RS-19: a user over the limit waits, another user does not', async () => {
    const slow = await startTestApi({ requestsPerMinute: 3 });
    onTestFinished(() => slow[Symbol.asyncDispose]());
    const [a, b] = [await slow.token({ sub: 'a' }), await slow.token({ sub: 'b' })];
    for (let count = 0; count < 3; count++) expect((await slow.get('/contacts', a)).status).toBe(200);
    const response = await slow.get('/contacts', a);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('20');
    expect(await response.json()).toMatchObject({ status: 429, detail: 'Try again in 20 seconds.' });
    expect((await slow.get('/contacts', b)).status).toBe(200);
    slow.passTime(20_000);
    expect((await slow.get('/contacts', a)).status).toBe(200);
  });

  test('RS-19: an address that guesses tokens waits, a user at that address does not', async () => {
    const slow = await startTestApi({ requestsPerMinute: 3 });
    onTestFinished(() => slow[Symbol.asyncDispose]());
    for (const token of ['x', undefined, 'a.b.c'])
      expect((await slow.get('/contacts', token)).status).toBe(401);
    for (const path of ['/contacts', '/nothing', '/.well-known/oauth-protected-resource']) {
      const response = await slow.get(path, 'guess');
      expect(response.status).toBe(429);
      expect(response.headers.get('www-authenticate')).toBeNull();
    }
    expect((await slow.get('/healthz')).status).toBe(200);
    expect((await slow.get('/contacts', await slow.token())).status).toBe(200);
  });
});

describe('answers', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST'])(
    '%s is answered with 405 and what is allowed',
    async (method) => {
      for (const [path, allow] of [
        ['/contacts', 'GET, HEAD'],
        ['/contacts/export', 'GET, HEAD'],
        ['/contacts/1', 'GET, HEAD'],
        ['/contacts/1/picture', 'GET, HEAD, PUT'],
        ['/messages', 'GET, HEAD, POST'],
        ['/messages/stream', 'GET'],
        ['/messages/1', 'GET, HEAD, DELETE'],
      ] as const) {
        if (allow.split(', ').includes(method)) continue;
        const response = await fetch(api.identifier + path, { method });
        expect(response.status).toBe(405);
        expect(response.headers.get('allow')).toBe(allow);
      }
    },
  );

  test.each(['/', '/contacts/', '/contacts/a/b', '/%2e%2e/x', '/contacts%00', '/%E0%A4%A', '/Contacts'])(
    '%s is not there',
    async (path) => {
      const response = await api.get(path, await api.token());
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        type: 'tag:strongroom.test,2025:not_found',
        status: 404,
      });
    },
  );

  test('RS-19: no answer carries CORS headers, and every answer is no-store and nosniff', async () => {
    const token = await api.token();
    const origin = { origin: 'https://evil.test', 'access-control-request-method': 'GET' };
    for (const path of ['/contacts', '/healthz', '/nothing', '/.well-known/oauth-protected-resource'])
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const headers = { ...origin, authorization: `Bearer ${token}` };
        const response = await fetch(api.identifier + path, { method, headers });
        expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      }
  });
});
