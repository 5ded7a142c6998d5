import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixedHeaders } from '@/lib/base/security-headers';
import { useEnvironment } from '@/lib/testing/environment';
import { clientAddressHeader } from './client-address';
import { guardServer } from './open-front-door';

let server: Server;
let answer: RequestListener;
let seen: { url: string | undefined; headers: IncomingHttpHeaders }[];
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  seen = [];
  answer = (_request, response) => response.end('from behind');
  server = createServer({ connectionsCheckingInterval: 50 }, (request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    answer(request, response);
  });
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  guardServer(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

/** Sends bytes as they are and reads until the other side closes. */
function exchange(...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part);
    });
    socket.setTimeout(20_000, () => socket.destroy(new Error('no end')));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? undefined : reject(error),
    );
  });
}

const get = (target: string, headers = '', method = 'GET') =>
  exchange(`${method} ${target} HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n${headers}\r\n`);

describe('a bare answer from behind', () => {
  const asPerson = 'Accept: text/html\r\n';
  const behind = (listener: RequestListener) => {
    answer = listener;
  };

  it.each<[string, RequestListener, number]>([
    [
      'one line',
      (_, response) => void Object.assign(response, { statusCode: 500 }).end('Internal Server Error'),
      500,
    ],
    ['nothing', (_, response) => void Object.assign(response, { statusCode: 405 }).end(), 405],
    [
      'text in pieces',
      (_, response) => {
        response.statusCode = 409;
        response.setHeader('content-type', 'text/plain');
        response.setHeader('content-encoding', 'gzip');
        response.write('Server Action ');
        response.end('unavailable.');
      },
      409,
    ],
    [
      'a status without words of its own',
      (_, response) => void Object.assign(response, { statusCode: 416 }).end('x'),
      416,
    ],
  ])('reaches a person as a page with the same status and a reference: %s', async (_, listener, status) => {
    behind(listener);
    const received = await get('/dashboard', asPerson);
    const [head = '', body = ''] = received.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(head).not.toMatch(/gzip|text\/plain/);
    expect(body).toMatch(/^<!doctype html>[\s\S]*Reference [2-9A-Z]{4}-/);
    expect(body).not.toMatch(/Internal Server Error|unavailable/);
  });

  it.each<[string, string, string]>([
    ['data for the router', '/dashboard', 'RSC: 1\r\n'],
    ['the answer to an action', '/dashboard', 'Next-Action: x\r\n'],
    ['a script', '/dashboard', 'Sec-Fetch-Dest: script\r\n'],
    ['a static file', '/_next/static/x.js', ''],
  ])('stays as it is when it is %s', async (_, target, headers) => {
    behind((_request, response) => void Object.assign(response, { statusCode: 404 }).end('Not Found'));
    expect(await get(target, asPerson + headers)).toMatch(/\r\n\r\nNot Found$/);
  });

  it('is JSON below /api', async () => {
    behind((_request, response) => void Object.assign(response, { statusCode: 404 }).end('Not Found'));
    expect(await get('/api/nothing', asPerson)).toMatch(/problem\+json[\s\S]*"status":404/);
  });

  it.each<[string, RequestListener]>([
    [
      'a page',
      (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>'),
    ],
    ['JSON', (_, response) => response.writeHead(401, { 'content-type': 'application/json' }).end('{}')],
    ['a good answer', (_, response) => response.end('from behind')],
    ['a redirect', (_, response) => response.writeHead(303, { location: '/' }).end()],
  ])('is none when it is %s', async (_, listener) => {
    behind(listener);
    expect(await get('/dashboard', asPerson)).not.toContain('Reference');
  });
});

describe('the front door', () => {
  it('lets a request in, with its own word on where it came from', async () => {
    const answer = await get(
      '/dashboard',
      'X-Forwarded-For: 6.6.6.6, 198.51.100.1\r\nX-Middleware-Next: 1\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*from behind$/);
    expect(seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'https',
    });
    expect(seen[0]?.headers[clientAddressHeader()]).toBe('198.51.100.1');
    expect(seen[0]?.headers).not.toHaveProperty('x-middleware-next');
  });

  it('a request with the header that nobody outside can know is one of our own, and keeps its address', async () => {
    const own = `${clientAddressHeader()}: 198.51.100.9\r\n`;
    await exchange(`GET /dashboard HTTP/1.1\r\nHost: localhost:3000\r\n${own}Connection: close\r\n\r\n`);
    expect(seen[0]?.headers).toMatchObject({ host: 'app.example', [clientAddressHeader()]: '198.51.100.9' });
  });

  it.each([
    ['LK-10: TRACE', () => get('/', '', 'TRACE'), 405],
    ['PX-13: an absolute target', () => get('http://169.254.169.254/'), 400],
    ['HO-02: another host', () => exchange('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'), 421],
    ['HO-02: no host at all', () => exchange('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), 421],
    ['RL-02: headers of 20 KB', () => get('/', `X-Large: ${'a'.repeat(20_000)}\r\n`), 431],
    ['RL-02: an address of 9 KB', () => get(`/${'a'.repeat(9_000)}`), 414],
    ['RL-02: a form of 2 MB', () => get('/', 'Content-Length: 2000000\r\n', 'POST'), 413],
    ['RL-02: a form of unknown length', () => get('/', 'Transfer-Encoding: chunked\r\n', 'POST'), 411],
    ['PX-08: a line that is no header', () => get('/', 'no header\r\n'), 400],
    ['PX-08: two lengths', () => get('/', 'Content-Length: 1\r\nContent-Length: 2\r\n', 'POST'), 400],
    [
      'PX-08: a length and chunks',
      () => get('/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', 'POST'),
      400,
    ],
    ['PX-08: chunks by another name', () => get('/', 'Transfer-Encoding: xchunked\r\n', 'POST'), 400],
  ])('%s is refused with a page that says what to do, and nobody behind sees it', async (_, send, status) => {
    const answer = await send();
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/Reference [2-9A-Z]{4}-[2-9A-Z]{4}/);
    expect(answer).toMatch(/nobody was signed out/);
    for (const header of ['no-store', 'nosniff', 'DENY', "default-src 'none'", 'max-age=', 'no-referrer'])
      expect(answer).toContain(header);
    expect(answer).not.toContain('evil.example');
    expect(seen).toEqual([]);
  });

  it('HD-09: software that asks below /api is told in JSON', async () => {
    const answer = await get('/api/proxy/contacts', '', 'TRACE');
    expect(answer).toContain('application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      status: 405,
      code: 'method_not_allowed',
    });
  });

  it('HD-02: what is behind leaves with every security header, and may say more', async () => {
    const plain = await get('/');
    for (const [name, value] of Object.entries(fixedHeaders({ isHttps: true, path: '/dashboard/' })))
      expect(plain).toContain(`${name}: ${value}\r\n`);
    expect(plain).toContain('Strict-Transport-Security: max-age=');
    const callback = await get('/auth/callback/provider/?code=x');
    expect(callback).toMatch(/Referrer-Policy: no-referrer\r\n[\s\S]*Cache-Control: no-store\r\n/);
    answer = (_, response) => void response.setHeader('Referrer-Policy', 'origin').end();
    expect((await get('/')).match(/^referrer-policy: .*$/gim)).toEqual(['Referrer-Policy: origin']);
  });

  it('CB-19: an address that means nothing is handed on as one that does not exist', async () => {
    await get('/dashboard/contacts/%ff');
    expect(seen[0]?.url).toBe('/no-such-address');
  });

  it('PX-13: an upgrade is an ordinary request', async () => {
    const upgrade = () => get('/', 'Upgrade: websocket\r\nConnection: Upgrade\r\n');
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 200 /);
    server.on('upgrade', () => {});
    await new Promise(setImmediate);
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('PX-08: a second request behind a refused one is not read', async () => {
    const second = 'GET /second HTTP/1.1\r\nHost: app.example\r\n\r\n';
    const answer = await exchange(`TRACE / HTTP/1.1\r\nHost: app.example\r\n\r\n${second}`);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(seen).toEqual([]);
  });

  it('RL-03: headers, and a body, that do not arrive in time are answered and ended', async () => {
    expect([server.headersTimeout, server.requestTimeout, server.timeout]).toEqual([15_000, 60_000, 120_000]);
    Object.assign(server, { headersTimeout: 100, requestTimeout: 200 });
    const slowHeaders = exchange('GET / HTTP/1.1\r\nHost: app.ex');
    const slowBody = exchange('POST /x HTTP/1.1\r\nHost: app.example\r\nContent-Length: 10\r\n\r\n12');
    expect(await slowHeaders).toMatch(/^HTTP\/1\.1 408 /);
    expect(await slowBody).toMatch(/^HTTP\/1\.1 /);
  });
});
