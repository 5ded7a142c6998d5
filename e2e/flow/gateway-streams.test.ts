/** Event streams, uploads and pictures through the gateway: who may, how far, and how they end. Against the production build. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { maxStreamsOfOneUser } from '../../lib/strongroom/bff/gateway/forward-request.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { askAsScript, cookieHeader } from '../support/page-script.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let api: ScriptedApi;
/** What the API responds from now on. */
let respond: () => ScriptedResponse;
const browser = new HttpBrowser();
const streamPath = '/api/gateway/messages/stream';
const picturePath = '/api/gateway/contacts/c_1/picture';

beforeAll(async () => {
  stack = await startTestStack();
  await signInByHttp(stack, browser, { returnTo: '/dashboard/access' });
  await stack.stop('API');
  respond = () => ({ status: 204 });
  api = await startScriptedApi(stack.settings.apiPort, () => respond());
});
afterEach(() => {
  for (const list of [api.tokens, api.requests, api.uploads]) list.length = 0;
});
afterAll(() => Promise.all([api.close(), stack.close()]));

type Init = Parameters<typeof askAsScript>[2];
const ask = (path: string, init?: Init) => askAsScript({ browser, origin: stack.appOrigin }, path, init);

/** What a browser sends for `new EventSource(…)` and for `<img src>`: no header of ours among it. */
function load(
  path: string,
  dest: 'empty' | 'image',
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) {
  const accept = dest === 'empty' ? 'text/event-stream' : 'image/avif,image/webp,*/*;q=0.8';
  const cookie = cookieHeader(browser, stack.appOrigin);
  return fetch(stack.appOrigin + path, {
    redirect: 'manual',
    signal: signal ?? AbortSignal.timeout(240_000),
    headers: { accept, cookie, 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': dest, ...headers },
  });
}
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code: string }).code,
];
const headerOf = (name: string) => {
  const { rawHeaders = [] } = api.requests[0] ?? {};
  return rawHeaders[rawHeaders.findIndex((one) => one.toLowerCase() === name) + 1];
};

/** A stream of events that the test writes to. */
function openStream() {
  const closed = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<(text: string) => void>();
  respond = () => ({
    write: (response) => {
      response.once('close', closed.resolve);
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-canary': '1' });
      response.flushHeaders();
      opened.resolve((text) => void response.write(text));
    },
  });
  return { opened: opened.promise, closed: closed.promise };
}

describe('an event stream', () => {
  it('PX-09: reaches EventSource event by event, with the id that it came back with', async () => {
    const { opened } = openStream();
    const response = await load(streamPath, 'empty', { 'last-event-id': 'm_7', 'cache-control': 'no-cache' });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    expect(response.headers.get('cache-control')).toBe('private, no-store, no-transform');
    expect([response.headers.get('content-encoding'), response.headers.get('x-canary')]).toEqual([
      null,
      null,
    ]);
    expect([headerOf('last-event-id'), headerOf('accept')]).toEqual([
      'm_7',
      'text/event-stream, application/problem+json',
    ]);
    expect(api.tokens[0]).toMatch(/^DPoP ey/);
    const write = await opened;
    const reader = response.body?.getReader();
    // It is open before there is an event.
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(':\n\n');
    for (const event of ['event: message\ndata: 1\n\n', 'event: deleted\ndata: 2\n\n']) {
      write(event);
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(event);
    }
    await reader?.cancel();
  });

  it('PX-09: ends at the API when its browser leaves', async () => {
    const { opened, closed } = openStream();
    const leaving = new AbortController();
    const response = await load(streamPath, 'empty', {}, leaving.signal);
    (await opened)('data: 1\n\n');
    leaving.abort();
    await closed;
    await expect(response.text()).rejects.toThrow();
  });

  it('PX-09: is one of a bounded number for each user', async () => {
    openStream();
    // Held, because a response that is collected as garbage closes its connection.
    const held: Response[] = [];
    /** The places of streams that have just ended may not be free yet. */
    const open = async (signal: AbortSignal) => {
      const tryOnce = async () => {
        const response = await load(streamPath, 'empty', {}, signal);
        held.push(response);
        return response.status;
      };
      await expect.poll(tryOnce).toBe(200);
    };
    const leaving = Array.from({ length: maxStreamsOfOneUser + 1 }, () => new AbortController());
    for (const { signal } of leaving.slice(1)) await open(signal);
    expect(await codeOf(await load(streamPath, 'empty'))).toEqual([429, 'rate_limited']);
    // Calls that end by themselves are counted apart.
    respond = () => ({ status: 200, body: '{"items":[]}' });
    expect((await ask('/api/gateway/contacts')).status).toBe(200);
    openStream();
    leaving[1]?.abort();
    await open((leaving[0] ?? new AbortController()).signal);
    for (const controller of leaving) controller.abort();
    expect(held.length).toBeGreaterThan(maxStreamsOfOneUser);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site', origin: 'https://other.example' }],
    ['the address bar', { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' }],
    ['a frame of our own', { 'sec-fetch-dest': 'iframe' }],
    ['a picture of our own', { 'sec-fetch-dest': 'image' }],
    ['a prefetch', { 'sec-purpose': 'prefetch' }],
    ['a client without fetch metadata', { 'sec-fetch-site': '', 'sec-fetch-dest': '' }],
  ])('CS-02, CS-04: is not opened for %s', async (_who, headers) => {
    expect(await codeOf(await load(streamPath, 'empty', headers))).toEqual([403, 'cross_site_request']);
    expect(api.requests).toEqual([]);
  });

  it.each(['text/html', 'application/json', 'text/plain'])('PX-06: is not of type %s', async (type) => {
    respond = () => ({ status: 200, headers: { 'content-type': type }, body: 'data: x-canary\n\n' });
    expect(await codeOf(await load(streamPath, 'empty'))).toEqual([502, 'invalid_response']);
  });

  it('PX-10: is not opened once its user has signed out', async () => {
    const other = new HttpBrowser();
    await signInByHttp(stack, other, { email: 'grace@strongroom.test', returnTo: '/dashboard/access' });
    const copy = other.copy();
    const page = await other.visit(`${stack.appOrigin}/dashboard/access`);
    await other.submit(page, /\/auth\/sign-out/, {}, { maxRedirects: 0 });
    const response = await askAsScript({ browser: copy, origin: stack.appOrigin }, streamPath);
    expect(await codeOf(response)).toEqual([401, 'login_required']);
    expect(api.requests.filter(({ line }) => line.includes('stream'))).toEqual([]);
  });
});

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
    respond = () => ({ status: 204 });
    const { writer, init } = partsOf();
    const response = ask(picturePath, init);
    await writer.write(Buffer.alloc(200_000, 'a'));
    await expect.poll(() => api.uploads[0]?.body.byteLength).toBe(200_000);
    expect(api.uploads[0]?.isWhole).toBe(false);
    await writer.write(Buffer.alloc(100_000, 'b'));
    await writer.close();
    expect((await response).status).toBe(204);
    expect(api.uploads[0]?.isWhole).toBe(true);
    expect(api.uploads[0]?.body).toEqual(
      Buffer.concat([Buffer.alloc(200_000, 'a'), Buffer.alloc(100_000, 'b')]),
    );
    expect([api.requests[0]?.line, headerOf('content-type')]).toEqual([
      'PUT /contacts/c_1/picture',
      'image/png',
    ]);
  });

  it('PX-09: of 2 MB passes, of one byte more does not reach the API', async () => {
    respond = () => ({ status: 204 });
    const put = (bytes: number) =>
      ask(picturePath, {
        method: 'PUT',
        body: Buffer.alloc(bytes),
        headers: { 'content-type': 'image/webp' },
      });
    expect((await put(2_000_000)).status).toBe(204);
    expect(api.uploads.map(({ body }) => body.byteLength)).toEqual([2_000_000]);
    expect(await codeOf(await put(2_000_001))).toEqual([413, 'body_too_large']);
    expect(api.uploads).toHaveLength(1);
  });

  it('PX-09: that grows beyond the limit on its way is never taken for a complete one by the API', async () => {
    const { writer, init } = partsOf();
    const outcome = ask(picturePath, init).then(codeOf, () => 'closed');
    await writer.write(Buffer.alloc(2_000_000));
    await expect.poll(() => api.uploads.length).toBe(1);
    await writer.write(Buffer.alloc(1)).catch(() => {});
    await writer.close().catch(() => {});
    expect([[413, 'body_too_large'], 'closed']).toContainEqual(await outcome);
    expect(api.uploads[0]?.isWhole).toBe(false);
  });

  it('PX-09: that its browser cuts is never taken for a complete one by the API', async () => {
    const { writer, leaving, init } = partsOf();
    const outcome = ask(picturePath, init).catch(() => 'gone');
    await writer.write(Buffer.alloc(200_000));
    await expect.poll(() => api.uploads[0]?.body.byteLength).toBe(200_000);
    leaving.abort();
    expect(await outcome).toBe('gone');
    // The application is well, and the API has seen the connection break.
    respond = () => ({ status: 200, body: '{"items":[]}' });
    expect((await ask('/api/gateway/contacts')).status).toBe(200);
    expect(api.uploads).toMatchObject([{ isWhole: false }]);
  });

  it.each([
    'image/svg+xml',
    'image/gif',
    'text/html',
    'application/json',
    'multipart/form-data; boundary=a',
    '',
  ])('CS-02: of type %j is rejected', async (type) => {
    const response = await ask(picturePath, { method: 'PUT', body: 'x', headers: { 'content-type': type } });
    expect(await codeOf(response)).toEqual([415, 'unsupported_media_type']);
    expect(api.requests).toEqual([]);
  });

  it.each([
    ['without our header', { 'x-strongroom': '', 'sec-fetch-dest': 'empty' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another origin', { origin: 'https://evil.example' }],
  ])('CS-02: %s is rejected', async (_how, headers) => {
    const init = { method: 'PUT', body: 'x', headers: { 'content-type': 'image/png', ...headers } };
    expect(await codeOf(await ask(picturePath, init))).toEqual([403, 'cross_site_request']);
    expect(api.requests).toEqual([]);
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
    respond = () => picture('image/png', { 'content-disposition': 'attachment', 'x-canary': '1' });
    const response = await load(picturePath, 'image');
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
    respond = () => ({ status: 304, headers: { etag: '"v1"' } });
    const response = await load(picturePath, 'image', { 'if-none-match': '"v1"' });
    expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', '"v1"']);
    expect(headerOf('if-none-match')).toBe('"v1"');
  });

  it.each(['text/html', 'image/svg+xml', 'image/gif', 'application/json', 'image/png, text/html'])(
    'PX-06: of type %s is not shown',
    async (type) => {
      respond = () => picture(type);
      expect(await codeOf(await load(picturePath, 'image'))).toEqual([502, 'invalid_response']);
    },
  );

  it('PX-09: that is too large is not shown', async () => {
    respond = () => picture('image/png', { 'content-length': '2000001' });
    expect(await codeOf(await load(picturePath, 'image'))).toEqual([502, 'invalid_response']);
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
    expect(await codeOf(await load(picturePath, 'image', headers))).toEqual([403, 'cross_site_request']);
    expect(api.requests).toEqual([]);
  });

  it('CS-04: addresses of other types are not loaded as a picture', async () => {
    expect(await codeOf(await load('/api/gateway/contacts', 'image'))).toEqual([403, 'cross_site_request']);
    expect(api.requests).toEqual([]);
  });
});
