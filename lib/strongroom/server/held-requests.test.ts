/** How much of the heap the server guard lets requests have that wait for their response. */
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import v8 from 'node:v8';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';

/** Until the server has noticed what its clients did. */
const untilTestEnds = { timeout: 240_000 };
let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  guarded = await startGuardedServer();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await guarded.close();
});

describe('the server guard', () => {
  const heapOf = (bytes: number) =>
    vi.spyOn(v8, 'getHeapStatistics').mockReturnValue({ ...v8.getHeapStatistics(), heap_size_limit: bytes });
  const from = (address: string) => `X-Forwarded-For: ${address}\r\n`;
  const isServed = /^HTTP\/1\.1 200 /;
  const isRejected = /^HTTP\/1\.1 429 [\s\S]*Retry-After: 60\r\n/;

  it('RL-03: forms that never come to their end are held in a part of the heap, until their sender lets go', async () => {
    heapOf(100_000_000);
    guarded.listener = (request, response) => void request.on('end', () => response.end('a page')).resume();
    const post = (address: string, bytes: number) =>
      guarded.get('/', `${from(address)}Content-Length: ${bytes}\r\n`, 'POST');
    const { port } = guarded.server.address() as AddressInfo;
    const headers = { host: 'app.example', 'x-forwarded-for': '198.51.100.1', 'content-length': 201_000 };
    const forms = Array.from({ length: 4 }, () => request({ port, method: 'POST', headers }));
    const statuses = forms.map((form) =>
      once(
        form.on('error', () => {}),
        'response',
      ),
    );
    for (const form of forms) form.flushHeaders();
    const [first] = (await Promise.race(statuses)) as [IncomingMessage];
    expect(first.statusCode).toBe(429);
    await expect.poll(() => guarded.admitted.length, untilTestEnds).toBe(3);
    expect(await guarded.get('/', from('198.51.100.1'))).toMatch(isServed);
    expect(await post('198.51.100.2', 0)).toMatch(isServed);
    expect(await post('198.51.100.1', 0)).toMatch(isRejected);
    for (const form of forms) form.destroy();
    await expect.poll(() => post('198.51.100.1', 0), untilTestEnds).toMatch(isServed);
  });

  it('RL-03: forms of many addresses that never come to their end leave room for pages', async () => {
    heapOf(20_000_000);
    guarded.listener = (request, response) => void request.on('end', () => response.end('a page')).resume();
    const { port } = guarded.server.address() as AddressInfo;
    const forms = [1, 2, 3, 4].map((number) => {
      const address = { 'x-forwarded-for': `198.51.100.${number}` };
      const headers = { host: 'app.example', 'content-length': 80_000, ...address };
      return request({ port, method: 'POST', headers }).on('error', () => {});
    });
    const statuses = forms.map((form) => once(form, 'response'));
    for (const form of forms) form.flushHeaders();
    const [last] = (await Promise.race(statuses)) as [IncomingMessage];
    expect([last.statusCode, guarded.admitted.length]).toEqual([429, 3]);
    expect(await guarded.get('/', from('198.51.100.9'))).toMatch(isServed);
    for (const form of forms) form.destroy();
  });

  it('RL-03: logout tokens, signing out and renewals have room where a form has none', async () => {
    heapOf(2_000_000);
    const post = (path: string) => guarded.get(path, 'Content-Length: 2000\r\n', 'POST');
    for (const path of ['back-channel-logout', 'sign-out', 'sign-out?where=everywhere', 'device/refresh'])
      expect(await post(`/auth/${path}`)).toMatch(isServed);
    for (const path of ['/', '/auth/back-channel-logouts', '/auth/device'])
      expect(await post(path)).toMatch(isRejected);
  });

  it('RL-03: no more pages are under way than the heap has room for, nor from one address three fifths of them', async () => {
    heapOf(2_000_000);
    const held: ServerResponse[] = [];
    guarded.listener = (_request, response) => void held.push(response);
    const one = Array.from({ length: 3 }, () => guarded.get('/', from('198.51.100.1')));
    await expect.poll(() => held.length, untilTestEnds).toBe(3);
    expect(await guarded.get('/', from('198.51.100.1'))).toMatch(isRejected);
    const others = [2, 3].map((number) => guarded.get('/sign-in', from(`198.51.100.${number}`)));
    await expect.poll(() => held.length, untilTestEnds).toBe(5);
    for (const path of ['/', '/api/gateway/contacts', '/auth/sign-in'])
      expect(await guarded.get(path, from('198.51.100.5'))).toMatch(isRejected);
    guarded.listener = (_request, response) => void response.end('a page');
    for (const path of ['/healthz', '/_next/static/x.js'])
      expect(await guarded.get(path, from('198.51.100.5'))).toMatch(isServed);
    for (const response of held) response.end('a page');
    for (const page of [...one, ...others]) expect(await page).toMatch(isServed);
    expect(await guarded.get('/', from('198.51.100.1'))).toMatch(isServed);
  });

  it.each(['ended', 'open'])(
    'RL-03: pages that wait behind another one, %s, are given back when their connection breaks',
    async (state) => {
      heapOf(2_000_000);
      const get = (path: string, headers = '') =>
        `GET /${path} HTTP/1.1\r\nHost: app.example\r\n${from('198.51.100.1')}${headers}\r\n`;
      guarded.listener = (request, response) => {
        if (request.url === '/last') client.destroy();
        else if (state === 'ended' && request.url === '/second') response.end('a page');
      };
      const client = connect((guarded.server.address() as AddressInfo).port, '127.0.0.1');
      client.write(['first', 'second', 'last'].map((path) => get(path)).join(''));
      await once(client, 'close');
      guarded.listener = (_request, response) => void setImmediate(() => response.end('a page'));
      const two = () => guarded.exchange(get('one') + get('another', 'Connection: close\r\n'));
      await expect.poll(two, untilTestEnds).not.toMatch(/HTTP\/1\.1 429 /);
    },
  );
});
