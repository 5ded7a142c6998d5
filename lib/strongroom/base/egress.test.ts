import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { forgetProcessSingletons } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { setEgressProxy } from './egress';
import { fetchBounded } from './http-client';

const limits = { timeoutMs: 120_000, maxBytes: 10_000 };
let target: TestServer;
let proxy: Server;
/** What the proxy was asked to connect to, and with which credentials. */
let tunnels: string[][];

beforeEach(async () => {
  forgetProcessSingletons();
  tunnels = [];
  target = await startTestServer();
  target.answers['/a'] = json({ a: 1 });
  proxy = createServer().on('connect', ({ url = '', headers }, socket) => {
    tunnels.push([url, headers['proxy-authorization'] ?? '']);
    const through = connect(Number(new URL(target.origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const side of [through, socket]) side.on('error', () => {});
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await target.close();
  proxy.closeAllConnections();
  proxy.close();
});
const proxyHost = () => `127.0.0.1:${(proxy.address() as AddressInfo).port}`;

it('PX-15: requests leave directly, whatever proxy the environment names', async () => {
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'all_proxy'])
    vi.stubEnv(name, `http://${proxyHost()}`);
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  expect(await (await fetchBounded(`${target.origin}/a`, {}, limits)).json()).toEqual({ a: 1 });
  expect(tunnels).toEqual([]);
});

it('PX-15: requests leave through the proxy that the operator names, with its credentials', async () => {
  setEgressProxy(`http://user:p%40ss@${proxyHost()}`);
  expect(await (await fetchBounded('http://api.test/a', {}, limits)).json()).toEqual({ a: 1 });
  const credentials = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  expect(tunnels).toEqual([['api.test:80', credentials]]);
});

it('TK-07: a proxy that rejects the tunnel is a network failure', async () => {
  proxy.removeAllListeners('connect').on('connect', (_request, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  setEgressProxy(`http://${proxyHost()}`);
  const outcome = fetchBounded('http://api.test/a', {}, limits);
  await expect(outcome).rejects.toMatchObject({ failure: 'network' });
});
