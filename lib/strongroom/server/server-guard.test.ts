import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixedHeaders } from '../base/security-headers';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer, testRejectionPage } from '../testing/guarded-server';
import { clientAddressHeader } from './client-address';

let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  guarded = await startGuardedServer();
});
afterEach(() => guarded.close());

describe('the server guard', () => {
  it('admits a request, and replaces what it claims about its own address', async () => {
    const response = await guarded.get(
      '/dashboard',
      'X-Forwarded-For: 6.6.6.6, 198.51.100.1\r\nX-Middleware-Next: 1\r\n',
    );
    expect(response).toMatch(/^HTTP\/1\.1 200 [\s\S]*from the application$/);
    expect(guarded.admitted[0]?.headers).toMatchObject({
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'https',
    });
    expect(guarded.admitted[0]?.headers[clientAddressHeader()]).toBe('198.51.100.1');
    expect(guarded.admitted[0]?.headers).not.toHaveProperty('x-middleware-next');
  });

  it('a request that Next makes to its own server keeps the client address of the request that caused it', async () => {
    const own = `${clientAddressHeader()}: 198.51.100.9\r\n`;
    await guarded.exchange(
      `GET /dashboard HTTP/1.1\r\nHost: localhost:3000\r\n${own}Connection: close\r\n\r\n`,
    );
    expect(guarded.admitted[0]?.headers).toMatchObject({
      host: 'app.example',
      [clientAddressHeader()]: '198.51.100.9',
    });
  });

  it.each([
    ['LK-10: TRACE', () => guarded.get('/', '', 'TRACE'), 405],
    ['CB-22: a callback by POST', () => guarded.get('/auth/callback/provider', '', 'POST'), 405],
    ['PX-13: an absolute target', () => guarded.get('http://169.254.169.254/'), 400],
    ['HO-02: another host', () => guarded.exchange('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'), 421],
    ['HO-02: no host at all', () => guarded.exchange('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), 421],
    ['RL-02: headers of 20 KB', () => guarded.get('/', `X-Large: ${'a'.repeat(20_000)}\r\n`), 431],
    ['RL-02: an address of 9 KB', () => guarded.get(`/${'a'.repeat(9_000)}`), 414],
    ['RL-02: a form of 2 MB', () => guarded.get('/', 'Content-Length: 2000000\r\n', 'POST'), 413],
    [
      'RL-05: a form without a boundary',
      () => guarded.get('/', 'Content-Type: multipart/form-data\r\nContent-Length: 1\r\n', 'POST'),
      400,
    ],
    ['an expectation', () => guarded.get('/', 'Expect: 200-ok\r\n'), 417],
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
    '%s is rejected with the page of the application, before Next sees the request',
    async (_, send, status) => {
      const response = await send();
      expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(response).toMatch(/Reference [2-9A-Z]{4}-[2-9A-Z]{4}/);
      expect(response).toContain(`<h1>Rejected with ${status}</h1>`);
      const styleHash = createHash('sha256').update(testRejectionPage.style).digest('base64');
      expect(response).toContain(`style-src 'sha256-${styleHash}'`);
      for (const header of ['no-store', 'nosniff', 'DENY', "default-src 'none'", 'max-age=', 'no-referrer'])
        expect(response).toContain(header);
      expect(response).not.toContain('evil.example');
      expect(guarded.admitted).toEqual([]);
    },
  );

  it('HD-09: a rejected request below /api gets JSON', async () => {
    const response = await guarded.get('/api/gateway/contacts', '', 'TRACE');
    expect(response).toContain('application/problem+json');
    expect(JSON.parse(response.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      status: 405,
      code: 'method_not_allowed',
    });
  });

  it('HD-02: every response has the security headers, and a route may set one to another value', async () => {
    const plain = await guarded.get('/');
    for (const [name, value] of Object.entries(
      fixedHeaders({ strictTransportSecurity: 'max-age=63072000', path: '/dashboard/' }),
    ))
      expect(plain).toContain(`${name}: ${value}\r\n`);
    expect(plain).toContain('Strict-Transport-Security: max-age=');
    const callback = await guarded.get('/auth/callback/provider/?code=x');
    expect(callback).toMatch(/Referrer-Policy: no-referrer\r\n[\s\S]*Cache-Control: no-store\r\n/);
    guarded.listener = (_, response) => void response.setHeader('Referrer-Policy', 'origin').end();
    expect((await guarded.get('/')).match(/^referrer-policy: .*$/gim)).toEqual(['Referrer-Policy: origin']);
  });

  it('CB-19: an address that cannot be decoded gets the page for unknown addresses', async () => {
    await guarded.get('/dashboard/contacts/%ff');
    expect(guarded.admitted[0]?.url).toBe('/no-such-address');
  });

  it('PX-13: an upgrade is handled as an ordinary request', async () => {
    const upgrade = () => guarded.get('/', 'Upgrade: websocket\r\nConnection: Upgrade\r\n');
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 200 /);
    guarded.server.on('upgrade', () => {});
    await new Promise(setImmediate);
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each(['www.app.example', 'WWW.App.Example:443'])(
    'HO-02: a page at %s, another host of the site, leads to the same page here',
    async (host) => {
      useEnvironment({ AUTH_URL: 'https://app.example', REDIRECTED_HOSTS: 'old.example www.app.example' });
      const ask = (target: string, method = 'GET') =>
        guarded.exchange(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      const response = await ask('/dashboard?page=2');
      expect(response).toMatch(
        /^HTTP\/1\.1 308 [\s\S]*\r\nLocation: https:\/\/app\.example\/dashboard\?page=2\r\n/,
      );
      expect(response).toMatch(/Strict-Transport-Security: max-age=[\s\S]*no-store/);
      for (const target of ['//evil.example/x', '/@evil.example', '/.evil.example', '/\\evil.example'])
        expect(await ask(target)).toContain('\r\nLocation: https://app.example/');
      expect(await ask('/', 'HEAD')).toMatch(/^HTTP\/1\.1 308 /);
      expect(await ask('/', 'POST')).toMatch(/^HTTP\/1\.1 421 /);
      expect(await ask('http://evil.example/')).toMatch(/^HTTP\/1\.1 400 /);
      expect(guarded.admitted).toEqual([]);
    },
  );

  it('HO-02: a host that only resembles one of the site leads nowhere', async () => {
    useEnvironment({ AUTH_URL: 'https://app.example', REDIRECTED_HOSTS: 'www.app.example' });
    for (const host of ['www.app.example.evil.example', 'www.app.example:8443', 'xwww.app.example', 'www'])
      expect(await guarded.exchange(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 421 /,
      );
  });

  it('CB-28: a callback in another spelling leads to the page for unknown addresses, without its code', async () => {
    const response = await guarded.get('/%61uth/callback/provider?code=canary');
    expect(guarded.admitted.map(({ url }) => url)).toEqual(['/no-such-address']);
    expect(response).toMatch(/Referrer-Policy: no-referrer\r\n[\s\S]*Cache-Control: no-store\r\n/);
  });

  it('PX-08: bytes that follow a rejected request are not read as another request', async () => {
    const second = 'GET /second HTTP/1.1\r\nHost: app.example\r\n\r\n';
    const response = await guarded.exchange(`TRACE / HTTP/1.1\r\nHost: app.example\r\n\r\n${second}`);
    expect(response.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(guarded.admitted).toEqual([]);
  });

  it('leaves the response as Node made it: what the application sends is not changed', async () => {
    let own: string[] = [];
    guarded.listener = (_request, response) => {
      own = Object.keys(response).filter((name) => ['writeHead', 'write', 'end'].includes(name));
      response.statusCode = 500;
      response.end('Internal Server Error');
    };
    expect(await guarded.get('/', 'Accept: text/html\r\n')).toMatch(
      /^HTTP\/1\.1 500 [\s\S]*Internal Server Error$/,
    );
    expect(own).toEqual([]);
  });
});
