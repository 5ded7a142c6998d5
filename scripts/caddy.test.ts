/** The Caddyfile that is shipped, in front of two small servers in the place of the instances. */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCaddy, startCaddy } from '../e2e/support/caddy.ts';
import { certificates } from '../e2e/support/nginx.ts';
import { findFreePorts } from './ports.ts';

type Reply = { status: number; body: string };

describe.skipIf(!hasCaddy())('Caddy with the shipped file', () => {
  const servers: Server[] = [];
  const seen: { port: number; url: string; id: unknown; forwardedFor: unknown }[] = [];
  let caddy: Awaited<ReturnType<typeof startCaddy>>;
  let origin = '';
  const [old, newer] = ['/_next/static/old.js', '/_next/static/new.js'];

  beforeAll(async () => {
    for (const known of [old, newer])
      servers.push(
        await listen((request, response) => {
          const { url = '', headers, socket } = request;
          const forwardedFor = headers['x-forwarded-for'];
          seen.push({ port: socket.localPort ?? 0, url, id: headers['x-request-id'], forwardedFor });
          const isMissing = url.startsWith('/_next/static/') && url !== known;
          request.resume().once('end', () => response.writeHead(isMissing ? 404 : 200).end(url));
        }),
      );
    const [port = 0] = await findFreePorts(1);
    origin = `https://localhost:${port}`;
    const [first = 0, second = 0] = servers.map((server) => (server.address() as AddressInfo).port);
    caddy = await startCaddy(port, [first, second]);
  });
  afterAll(async () => {
    await caddy?.close();
    for (const server of servers) server.close().closeAllConnections();
  });

  it('speaks HTTP/2, and says who asked and which request it is, whatever a stranger says', async () => {
    const headers = { 'x-request-id': 'stranger-1', 'x-forwarded-for': '192.0.2.1' };
    expect(await ask(origin, '/dashboard', { headers })).toEqual({ status: 200, body: '/dashboard' });
    expect(seen.at(-1)).toMatchObject({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      forwardedFor: expect.stringMatching(/127\.0\.0\.1$/),
    });
  });

  it('finds the files of both builds during a deployment, and says 404 for those of none', async () => {
    for (const path of [old, newer]) expect(await ask(origin, path)).toEqual({ status: 200, body: path });
    expect((await ask(origin, '/_next/static/none.js')).status).toBe(404);
  });

  it('lets in no larger bodies than the application takes', async () => {
    const send = (bytes: number) =>
      ask(origin, '/api/gateway/x', { method: 'POST', body: 'x'.repeat(bytes) });
    expect([(await send(1_000_000)).status, (await send(3_100_000)).status]).toEqual([200, 413]);
  });

  it('goes to the other instance while one is away', async () => {
    const [first] = servers;
    first?.close();
    first?.closeAllConnections();
    for (let number = 0; number < 6; number += 1)
      expect((await ask(origin, `/dashboard/${number}`)).status).toBe(200);
  });
});

async function listen(handle: RequestListener): Promise<Server> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

type Sent = { method?: string; headers?: Record<string, string>; body?: string };

function ask(origin: string, path: string, { method = 'GET', headers = {}, body = '' }: Sent = {}) {
  const ca = readFileSync(join(certificates, 'authority.pem'));
  return new Promise<Reply>((resolve, reject) => {
    const session = connect(origin, { ca }).once('error', reject);
    const stream = session.request({ ':method': method, ':path': path, ...headers });
    const reply: Reply = { status: 0, body: '' };
    stream.once('response', (received) => {
      reply.status = Number(received[':status']);
    });
    stream.setEncoding('utf8').on('data', (text) => {
      reply.body += text;
    });
    // A proxy that rejects a body does not read all of it.
    stream.once('error', () => {});
    stream.once('close', () => {
      session.destroy();
      resolve(reply);
    });
    if (method !== 'GET') stream.end(body);
  });
}
