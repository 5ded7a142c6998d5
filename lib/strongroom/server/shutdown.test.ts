import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as log from '../base/log';
import { forgetProcessSingletons, useEnvironment } from '../testing/environment';
import { followResponses, isShuttingDown, shutDown, streamsEnd } from './shutdown';

const logged = vi.hoisted(() => vi.fn());
vi.mock('../base/log', async (original) => ({ ...(await original<typeof log>()), logEvent: logged }));

let server: Server;
let running: Set<ServerResponse>;
/** Resolves with each request as it arrives. */
let arrivals: PromiseWithResolvers<ServerResponse>[];
const closeNext = vi.fn(async () => {});

beforeEach(async () => {
  useEnvironment();
  logged.mockClear();
  closeNext.mockClear();
  arrivals = [Promise.withResolvers(), Promise.withResolvers()];
  let count = 0;
  server = createServer((_request, response) => arrivals[count++]?.resolve(response));
  running = followResponses(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  forgetProcessSingletons();
});

const ask = () =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, resolve).on('error', reject);
  });
const arrived = (at: number) => arrivals[at]?.promise as Promise<ServerResponse>;
const end = (graceMs?: number, uploadMs?: number) =>
  shutDown({ server, closeNext }, { running, signal: 'SIGTERM', delayMs: 0, graceMs, uploadMs });
/** A form of which the last part never comes. */
const sendHalf = () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
};
const lines = () => logged.mock.calls.map(([event, fields]) => ({ event, ...fields }));

describe('the end of the process', () => {
  it('waits for the request that is running, and takes no new one', async () => {
    const asked = ask();
    const response = await arrived(0);
    const over = end();
    expect(isShuttingDown()).toBe(true);
    await vi.waitFor(() => expect(server.listening).toBe(false));
    expect(closeNext).not.toHaveBeenCalled();
    response.end('whole');
    const received = await asked;
    expect([received.headers.connection, await text(received)]).toEqual(['close', 'whole']);
    await over;
    expect(closeNext).toHaveBeenCalledTimes(1);
    expect(lines()).toEqual([
      { event: 'shutdown_started', signal: 'SIGTERM', running: 1 },
      { event: 'shutdown_completed', cut: 0, durationMs: expect.any(Number) },
    ]);
  });

  it('serves a connection that was open before and asks only now', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await new Promise((resolve) => server.once('connection', resolve));
    const over = end();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    (await arrived(0)).end('late');
    expect(await text(socket)).toMatch(/Connection: close[\s\S]*late/);
    await over;
  });

  it('ends open streams once the listener is closed: their clients come back to another instance', async () => {
    const asked = ask();
    const response = await arrived(0);
    response.write('data: 1\n\n');
    const wasListening = new Promise<boolean>((resolve) =>
      streamsEnd().addEventListener('abort', () => {
        resolve(server.listening);
        response.end();
      }),
    );
    await end();
    expect(await wasListening).toBe(false);
    expect(await text(await asked)).toBe('data: 1\n\n');
  });

  it('cuts off what takes longer than it may, and says how much that was', async () => {
    const asked = ask();
    (await arrived(0)).write('never ends');
    const received = await asked;
    const broken = text(received).catch((error: NodeJS.ErrnoException) => error.code);
    await end(0);
    expect(await broken).toBe('ECONNRESET');
    expect(lines().at(-1)).toMatchObject({ event: 'shutdown_completed', cut: 1 });
  });

  it('does not wait long for requests that do not arrive', async () => {
    sendHalf();
    await arrived(0);
    // Without a bound of its own, the test would end only after an hour.
    await end(3_600_000, 0);
    expect(lines().at(-1)).toMatchObject({ event: 'shutdown_completed', cut: 1 });
  });

  it('lets a response take its time beside a request that does not arrive', async () => {
    sendHalf();
    await arrived(0);
    const asked = ask();
    const response = await arrived(1);
    const over = end(undefined, 0);
    await vi.waitFor(() => expect(server.listening).toBe(false));
    response.end('whole');
    expect(await text(await asked)).toBe('whole');
    await over;
    expect(lines().at(-1)).toMatchObject({ event: 'shutdown_completed', cut: 1 });
  });

  it('goes on when Next fails to close', async () => {
    closeNext.mockRejectedValueOnce(new Error('no'));
    await end();
    expect(lines()).toHaveLength(2);
  });
});
