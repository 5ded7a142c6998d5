/** Bodies without end, connections that break, and a cache around the gateway. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayWorld, startGatewayWorld } from '../support/gateway-world.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { askAsScript } from '../support/page-script.ts';
import { rawStatusOf, sendRawPost } from '../support/raw-gateway-request.ts';
import { type SharedCache, startSharedCache } from '../support/shared-cache.ts';

let world: GatewayWorld;
let cache: SharedCache;
beforeAll(async () => {
  world = await startGatewayWorld();
  cache = await startSharedCache(world.stack.appOrigin);
});
afterEach(() => world.forget());
afterAll(() => Promise.all([cache.close(), world.close()]));

/** The log may arrive a little later than the response. */
const expectCut = (reason: string) =>
  expect
    .poll(() => world.stack.appEvents('gateway_response_cut').map((event) => event.reason))
    .toContain(reason);

describe('bodies without end', () => {
  /** `total` bytes in chunks, and how many of them were taken. */
  function upload(total: number) {
    const seen = { bytes: 0 };
    const chunk = Buffer.alloc(64_000, 'a');
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (seen.bytes >= total) return controller.close();
        seen.bytes += chunk.byteLength;
        return controller.enqueue(chunk);
      },
    });
    return { body, seen };
  }

  it('PX-09: 100 MB that say so are rejected before they are read', async () => {
    const sent = await sendRawPost(world, {
      headers: ['Connection: close', 'Content-Length: 100000000'],
      body: '{"text":"',
    });
    expect(rawStatusOf(sent.text)).toBe('413');
    expect(sent.text).toContain('"code":"body_too_large"');
    expect(world.api.requests).toEqual([]);
  });

  it('PX-09: 100 MB that do not say so are cut off early', async () => {
    const { body, seen } = upload(100_000_000);
    const status = await world.post({ body }).then(
      (response) => response.status,
      () => 'closed',
    );
    expect([413, 'closed']).toContain(status);
    expect(seen.bytes).toBeLessThan(20_000_000);
    expect(world.api.posts).toEqual([]);
    expect((await world.ask('/api/gateway/contacts')).status).toBe(200);
  });

  it('PX-09: a body that grows beyond the limit on its way is never taken for a complete one by the API', async () => {
    const chunks = ['{"text":"', 'a'.repeat(30_000), 'a'.repeat(30_000), 'a'.repeat(30_000), '"}'];
    const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
    const { text } = await sendRawPost(world, {
      headers: ['Connection: close', 'Transfer-Encoding: chunked'],
      body: `${body}0\r\n\r\n`,
    });
    expect(rawStatusOf(text)).toBe('413');
    expect(world.api.posts).toEqual([]);
  });

  it('PX-09: a response without end is cut, and does not look whole', async () => {
    const closed = Promise.withResolvers<void>();
    world.respond = () => ({
      write: (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          while (!response.destroyed && response.write('a'.repeat(64_000)));
        };
        response.on('drain', more).once('close', closed.resolve);
        more();
      },
    });
    const response = await world.ask('/api/gateway/contacts');
    expect(response.status).toBe(200);
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of response.body ?? []) bytes += chunk.length;
    })();
    await expect(reading).rejects.toThrow();
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    await closed.promise;
    await expectCut('body_too_large');
  });

  it('PX-09: a response whose length says that it is too long is rejected', async () => {
    world.respond = () => ({
      status: 200,
      headers: { 'content-length': '1000001' },
      body: 'a'.repeat(1_000_001),
    });
    const response = await world.ask('/api/gateway/contacts');
    expect([response.status, await response.json()]).toMatchObject([502, { code: 'invalid_response' }]);
  });
});

describe('connections that break', () => {
  it('PX-09: the first part arrives before the last is written; broken off, it does not look whole', async () => {
    const half = Promise.withResolvers<void>();
    world.respond = () => ({
      write: async (response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":[');
        await half.promise;
        response.destroy();
      },
    });
    const reader = (await world.ask('/api/gateway/contacts')).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"items":[');
    half.resolve();
    await expect(reader?.read()).rejects.toThrow();
    await expectCut('network');
    expect(world.stack.lines.filter(({ line }) => line.includes('failed to pipe'))).toEqual([]);
  });

  it.each([false, true])(
    'PX-09: a browser that leaves ends the request to the API (after its headers: %s)',
    async (isBegun) => {
      const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      world.respond = () => ({
        write: (response) => {
          response.once('close', closed.resolve);
          if (isBegun) response.writeHead(200, { 'content-type': 'application/json' }).write('{');
          asked.resolve();
        },
      });
      const leaving = new AbortController();
      const outcome = world
        .ask('/api/gateway/contacts', { signal: leaving.signal })
        .then((response) => response.text());
      outcome.catch(() => {});
      await asked.promise;
      leaving.abort();
      await expect(outcome).rejects.toThrow();
      await closed.promise;
    },
  );
});

describe('a shared cache in front that keeps what it may', () => {
  it('PX-12: keeps nothing, also when the API allows it, and no user sees the data of another one', async () => {
    const keepMe = { 'cache-control': 'public, s-maxage=31536000', expires: 'Fri, 01 Jan 2100 00:00:00 GMT' };
    world.respond = () => ({ status: 200, headers: keepMe, body: '{"items":["x-mine"]}' });
    const through = (who: HttpBrowser, path: string) =>
      askAsScript({ browser: who, origin: cache.origin }, path);
    expect(await (await through(world.browser, '/api/gateway/contacts?q=x')).text()).toContain('x-mine');
    for (const path of ['/api/gateway/contacts?q=x', '/api/gateway/contacts', '/api/gateway/nothing']) {
      const response = await through(new HttpBrowser(), path);
      expect([401, 404]).toContain(response.status);
      expect(await response.text()).not.toContain('x-mine');
    }
    expect([...cache.kept.keys()]).toEqual([]);
    // The cache does keep what it may.
    await fetch(`${cache.origin}/icon.svg`).then((response) => response.text());
    expect([...cache.kept.keys()]).toEqual(['/icon.svg']);
  });
});
