import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { TestStream } from '../testing/read-events.ts';
import { createStreamUser, printed, type StreamUser } from '../testing/stream-user.ts';
import { startTestApi, type TestApi, type TestApiOptions } from '../testing/test-api.ts';
import { maxStreamsPerOwner } from './message-streams.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

async function startAnother(options: TestApiOptions = {}): Promise<TestApi> {
  const another = await startTestApi(options);
  onTestFinished(() => another[Symbol.asyncDispose]());
  return another;
}

describe('a stream of messages', () => {
  test('it begins with how soon to come back and with the newest id, and no cache keeps it', async () => {
    const user = await createStreamUser(api);
    const opened = await user.stream();
    expect(opened.response.status).toBe(200);
    expect(opened.response.headers.get('content-type')).toBe('text/event-stream');
    expect(opened.response.headers.get('cache-control')).toBe('no-store');
    expect(await opened.next()).toBe(`retry: 2000\nid: ${await user.newestId()}`);
  });

  test('a posted message arrives as in the list, a deleted one as its id', async () => {
    const user = await createStreamUser(api);
    const opened = await user.stream();
    await opened.next();
    const message = await user.post('Grüße 👋\n\ndata: x');
    expect(await opened.next()).toBe(printed(message));
    expect((await user.list())[0]).toEqual(message);
    await user.remove(message.id);
    expect(await opened.next()).toBe(`event: deleted\ndata: {"id":"${message.id}"}`);
  });

  test('a repeated POST is no event, and neither is a request that is rejected', async () => {
    const user = await createStreamUser(api);
    const opened = await user.stream();
    await opened.next();
    const headers = { 'idempotency-key': 'k' };
    const first = await user.post('once', headers);
    await user.post('once', headers);
    expect((await api.post({ text: '' }, user.token)).status).toBe(422);
    expect((await api.delete('/messages/m_x', user.token)).status).toBe(404);
    const second = await user.post('after');
    expect([await opened.next(), await opened.next()]).toEqual([printed(first), printed(second)]);
  });

  test('all streams of a user get the event', async () => {
    const user = await createStreamUser(api);
    const both = [await user.stream(), await user.stream()];
    for (const opened of both) await opened.next();
    const message = await user.post('to both');
    for (const opened of both) expect(await opened.next()).toBe(printed(message));
  });

  test('RS-10: a stream holds nothing of another user', async () => {
    const [mine, theirs] = [await createStreamUser(api), await createStreamUser(api)];
    const opened = await mine.stream();
    await opened.next();
    await theirs.remove((await theirs.post('private')).id);
    const message = await mine.post('mine');
    expect(await opened.next()).toBe(printed(message));
  });

  test('a silent stream has heartbeats', async () => {
    const quick = await startAnother({ heartbeatMs: 5 });
    const opened = await (await createStreamUser(quick)).stream();
    await opened.next();
    expect([await opened.nextBlock(), await opened.nextBlock()]).toEqual([':', ':']);
  });

  test('HEAD is rejected: a stream without a reader would never end', async () => {
    const headers = { authorization: `Bearer ${await api.token()}` };
    const response = await fetch(`${api.identifier}/messages/stream`, { method: 'HEAD', headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET');
  });
});

describe('the end of a stream', () => {
  test('RS-07: a stream ends by itself when its access token expires', async () => {
    /** Longer and longer lives, until one is long enough for this machine to open a stream in. */
    const openWithin = async (lifeSec: number): Promise<TestStream> => {
      const user = await createStreamUser(api, { exp: Math.floor(Date.now() / 1000) + lifeSec });
      const stream = await user.stream();
      return stream.response.status === 401 ? openWithin(lifeSec * 3) : stream;
    };
    const opened = await openWithin(1);
    expect(opened.response.status).toBe(200);
    // An orderly end: a connection that is cut throws here.
    while ((await opened.next()) !== null);
  });

  test('RS-07: no event is sent under an expired token, and the same token opens no new stream', async () => {
    const moved = await startAnother();
    const short = await createStreamUser(moved, { sub: 'one' });
    const long = await createStreamUser(moved, { sub: 'one', exp: Math.floor(Date.now() / 1000) + 3_000 });
    const opened = await short.stream();
    await opened.next();
    moved.passTime(400_000);
    await long.post('late');
    expect(await opened.next()).toBeNull();
    expect((await short.stream()).response.status).toBe(401);
  });

  test('it ends in order when the server shuts down', async () => {
    const restarted = await startAnother();
    const opened = await (await createStreamUser(restarted)).stream();
    await opened.next();
    await restarted.restart();
    expect(await opened.next()).toBeNull();
  });
});

describe('RS-19: places', () => {
  async function fill(user: StreamUser, places: number): Promise<TestStream[]> {
    const opened = [];
    for (let count = 0; count < places; count++) opened.push(await user.stream());
    expect(opened.map(({ response }) => response.status)).toEqual(opened.map(() => 200));
    return opened;
  }
  const expectPlace = (user: StreamUser) =>
    vi.waitFor(async () => expect((await user.stream()).response.status).toBe(200), { timeout: 120_000 });

  test('RS-19: the eleventh stream waits, another user’s does not, and a client that leaves makes room', async () => {
    const user = await createStreamUser(api);
    const opened = await fill(user, maxStreamsPerOwner);
    const { response } = await user.stream();
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('10');
    expect(await response.json()).toMatchObject({ type: 'tag:strongroom.test,2025:too_many_requests' });
    expect(api.log.at(-1)).toMatchObject({ reason: 'stream_limit', status: 429 });
    expect((await (await createStreamUser(api)).stream()).response.status).toBe(200);
    opened[3]?.leave();
    await expectPlace(user);
  });

  test('RS-19: requests sent ahead on one connection are one stream, which leaves with it', async () => {
    const user = await createStreamUser(api);
    const { hostname, port, host } = new URL(api.identifier);
    const head = ['GET /messages/stream HTTP/1.1', `Host: ${host}`, `Authorization: Bearer ${user.token}`];
    const seen = api.log.length;
    const socket = connect(Number(port), hostname);
    socket.write(`${head.join('\r\n')}\r\n\r\n`.repeat(5));
    await vi.waitFor(() => expect(api.log.length).toBe(seen + 5), { timeout: 120_000 });
    const reasons = api.log.slice(seen).map(({ event, reason }) => reason ?? event);
    expect(reasons.toSorted()).toEqual([...Array(4).fill('stream_limit'), 'stream_opened']);
    await fill(user, maxStreamsPerOwner - 1);
    expect((await user.stream()).response.status).toBe(429);
    socket.destroy();
    await expectPlace(user);
  });
});
