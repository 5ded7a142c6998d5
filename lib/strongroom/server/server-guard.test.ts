import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixedHeaders } from '../base/security-headers';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';
import { clientAddressHeader } from './client-address';

let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  guarded = await startGuardedServer();
});
afterEach(() => guarded.close());

describe('the front endpoint', () => {
  it('lets a request in, with its own word on where it came from', async () => {
    const answer = await guarded.get(
      '/dashboard',
      'X-Forwarded-For: 6.6.6.6, 198.51.100.1\r\nX-Middleware-Next: 1\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*from behind$/);
    expect(guarded.seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'https',
    });
    expect(guarded.seen[0]?.headers[clientAddressHeader()]).toBe('198.51.100.1');
    expect(guarded.seen[0]?.headers).not.toHaveProperty('x-middleware-next');
  });

  it('a request with the header that nobody outside can know is one of our own, and keeps its address', async () => {
    const own = `${clientAddressHeader()}: 198.51.100.9\r\n`;
    await guarded.exchange(
      `GET /dashboard HTTP/1.1\r\nHost: localhost:3000\r\n${own}Connection: close\r\n\r\n`,
    );
    expect(guarded.seen[0]?.headers).toMatchObject({
      host: 'app.example',
      [clientAddressHeader()]: '198.51.100.9',
    });
  });

  it.each([
    ['LK-10: TRACE', () => guarded.get('/', '', 'TRACE'), 405],
    ['PX-13: an absolute target', () => guarded.get('http://169.254.169.254/'), 400],
    ['HO-02: another host', () => guarded.exchange('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'), 421],
    ['HO-02: no host at all', () => guarded.exchange('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), 421],
    ['RL-02: headers of 20 KB', () => guarded.get('/', `X-Large: ${'a'.repeat(20_000)}\r\n`), 431],
    ['RL-02: an address of 9 KB', () => guarded.get(`/${'a'.repeat(9_000)}`), 414],
    ['RL-02: a form of 2 MB', () => guarded.get('/', 'Content-Length: 2000000\r\n', 'POST'), 413],
    [
      'RL-02: a form of unknown length',
      () => guarded.get('/', 'Transfer-Encoding: chunked\r\n', 'POST'),
      411,
    ],
    ['PX-08: a line that is no header', () => guarded.get('/', 'no header\r\n'), 400],
    ['PX-08: two lengths', () => guarded.get('/', 'Content-Length: 1\r\nContent-Length: 2\r\n', 'POST'), 400],
    [
      'PX-08: a length and chunks',
      () => guarded.get('/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', 'POST'),
      400,
    ],
    ['PX-08: chunks by another name', () => guarded.get('/', 'Transfer-Encoding: xchunked\r\n', 'POST'), 400],
  ])(
    '%s is rejected with a page that says what to do, and nobody behind sees it',
    async (_, send, status) => {
      const answer = await send();
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer).toMatch(/Reference [2-9A-Z]{4}-[2-9A-Z]{4}/);
      expect(answer).toMatch(/nobody was signed out/);
      for (const header of ['no-store', 'nosniff', 'DENY', "default-src 'none'", 'max-age=', 'no-referrer'])
        expect(answer).toContain(header);
      expect(answer).not.toContain('evil.example');
      expect(guarded.seen).toEqual([]);
    },
  );

  it('HD-09: software that asks below /api is told in JSON', async () => {
    const answer = await guarded.get('/api/gateway/contacts', '', 'TRACE');
    expect(answer).toContain('application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      status: 405,
      code: 'method_not_allowed',
    });
  });

  it('HD-02: what is behind leaves with every security header, and may say more', async () => {
    const plain = await guarded.get('/');
    for (const [name, value] of Object.entries(fixedHeaders({ isHttps: true, path: '/dashboard/' })))
      expect(plain).toContain(`${name}: ${value}\r\n`);
    expect(plain).toContain('Strict-Transport-Security: max-age=');
    const callback = await guarded.get('/auth/callback/provider/?code=x');
    expect(callback).toMatch(/Referrer-Policy: no-referrer\r\n[\s\S]*Cache-Control: no-store\r\n/);
    guarded.answer = (_, response) => void response.setHeader('Referrer-Policy', 'origin').end();
    expect((await guarded.get('/')).match(/^referrer-policy: .*$/gim)).toEqual(['Referrer-Policy: origin']);
  });

  it('CB-19: an address that means nothing is handed on as one that does not exist', async () => {
    await guarded.get('/dashboard/contacts/%ff');
    expect(guarded.seen[0]?.url).toBe('/no-such-address');
  });

  it('PX-13: an upgrade is an ordinary request', async () => {
    const upgrade = () => guarded.get('/', 'Upgrade: websocket\r\nConnection: Upgrade\r\n');
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 200 /);
    guarded.server.on('upgrade', () => {});
    await new Promise(setImmediate);
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('PX-08: a second request behind a rejected one is not read', async () => {
    const second = 'GET /second HTTP/1.1\r\nHost: app.example\r\n\r\n';
    const answer = await guarded.exchange(`TRACE / HTTP/1.1\r\nHost: app.example\r\n\r\n${second}`);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(guarded.seen).toEqual([]);
  });

  it('RL-03: headers, and a body, that do not arrive in time are answered and ended', async () => {
    expect([guarded.server.headersTimeout, guarded.server.requestTimeout, guarded.server.timeout]).toEqual([
      15_000, 60_000, 120_000,
    ]);
    Object.assign(guarded.server, { headersTimeout: 100, requestTimeout: 200 });
    // Whoever is behind waits for the whole body.
    guarded.answer = (request, response) => void request.resume().once('end', () => response.end('read'));
    const slowHeaders = guarded.exchange('GET / HTTP/1.1\r\nHost: app.ex');
    const slowBody = guarded.exchange(
      'POST /x HTTP/1.1\r\nHost: app.example\r\nContent-Length: 10\r\n\r\n12',
    );
    expect(await slowHeaders).toMatch(/^HTTP\/1\.1 408 /);
    expect(await slowBody).toMatch(/^HTTP\/1\.1 408 /);
  });
});
