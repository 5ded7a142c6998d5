/** Event streams through the gateway: who may, and how they end. Against the production build. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { maxStreamsOfOneUser } from '../../lib/strongroom/bff/gateway/forward-request.ts';
import { type GatewayWorld, loadFrom, startGatewayWorld } from '../support/gateway-world.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { askAsScript } from '../support/page-script.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';

let world: GatewayWorld;
const streamPath = '/api/gateway/messages/stream';
beforeAll(async () => {
  world = await startGatewayWorld();
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

/** A stream of events that the test writes to. */
function openStream() {
  const closed = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<(text: string) => void>();
  world.respond = () => ({
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
    const response = await loadFrom(world, streamPath, 'empty', {
      headers: { 'last-event-id': 'm_7', 'cache-control': 'no-cache' },
    });
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
    expect(world.api.tokens[0]).toMatch(/^DPoP ey/);
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
    const response = await loadFrom(world, streamPath, 'empty', { signal: leaving.signal });
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
        const response = await loadFrom(world, streamPath, 'empty', { signal });
        held.push(response);
        return response.status;
      };
      await expect.poll(tryOnce).toBe(200);
    };
    const leaving = Array.from({ length: maxStreamsOfOneUser + 1 }, () => new AbortController());
    for (const { signal } of leaving.slice(1)) await open(signal);
    expect(await codeOf(await loadFrom(world, streamPath, 'empty'))).toEqual([429, 'rate_limited']);
    // Calls that end by themselves are counted apart.
    world.respond = () => ({ status: 200, body: '{"items":[]}' });
    expect((await world.ask('/api/gateway/contacts')).status).toBe(200);
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
    expect(await codeOf(await loadFrom(world, streamPath, 'empty', { headers }))).toEqual([
      403,
      'cross_site_request',
    ]);
    expect(world.api.requests).toEqual([]);
  });

  it.each(['text/html', 'application/json', 'text/plain'])('PX-06: is not of type %s', async (type) => {
    world.respond = () => ({ status: 200, headers: { 'content-type': type }, body: 'data: x-canary\n\n' });
    expect(await codeOf(await loadFrom(world, streamPath, 'empty'))).toEqual([502, 'invalid_response']);
  });

  it('PX-10: is not opened once its user has signed out', async () => {
    const other = new HttpBrowser();
    await signInByHttp(world.stack, other, { email: 'grace@strongroom.test', returnTo: '/dashboard/access' });
    const copy = other.copy();
    const page = await other.visit(`${world.stack.appOrigin}/dashboard/access`);
    await other.submit(page, /\/auth\/sign-out/, {}, { maxRedirects: 0 });
    const response = await askAsScript({ browser: copy, origin: world.stack.appOrigin }, streamPath);
    expect(await codeOf(response)).toEqual([401, 'login_required']);
    expect(world.api.requests.filter(({ line }) => line.includes('stream'))).toEqual([]);
  });
});
