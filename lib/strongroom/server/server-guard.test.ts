import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import v8 from 'node:v8';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fixedHeaders } from '../base/security-headers';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer, testRejectionPage } from '../testing/guarded-server';
import { noteActionReached } from './action-request';
import { clientAddressHeader } from './client-address';

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

  it('RL-03: of many requests sent ahead on one connection it admits eight, and ends the connection', async () => {
    const held: ServerResponse[] = [];
    guarded.listener = (_request, response) => {
      held.push(response);
      if (held.length === 8) setImmediate(() => held.map((one) => one.end('a page')));
    };
    const many = 'GET / HTTP/1.1\r\nHost: app.example\r\n\r\n'.repeat(50);
    const response = await guarded.exchange(many);
    expect(response.match(/HTTP\/1\.1 \d+/g)).toEqual([...Array(8).fill('HTTP/1.1 200'), 'HTTP/1.1 429']);
    expect(guarded.admitted).toHaveLength(8);
  });

  it('RL-03: a connection stays open for a minute and longer, for as many requests one by one as are sent', async () => {
    guarded.listener = (_request, response) => void response.end('a page');
    expect(await guarded.exchange('GET / HTTP/1.1\r\nHost: app.example\r\n\r\n', 'x\r\n\r\n')).toContain(
      'Keep-Alive: timeout=65\r\n',
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = guarded.server.address() as AddressInfo;
    for (let count = 0; count < 12; count += 1) expect(await askBy(agent, port)).toBe(200);
    expect(guarded.admitted).toHaveLength(13);
    agent.destroy();
  });

  it('RL-01: one address gets twenty times RATE_LIMIT_PER_MINUTE pages a minute, and files all the same', async () => {
    useEnvironment({ AUTH_URL: 'https://app.example', RATE_LIMIT_PER_MINUTE: '10' });
    const from = (address: string) => `X-Forwarded-For: ${address}\r\n`;
    const pages = Array.from({ length: 205 }, () => guarded.get('/nowhere', from('198.51.100.1')));
    const responses = await Promise.all(pages);
    const rejected = responses.filter((response) => response.startsWith('HTTP/1.1 429 '));
    expect(rejected).toHaveLength(5);
    expect(rejected[0]).toContain('Retry-After: 60\r\n');
    expect(await guarded.get('/_next/static/x.js', from('198.51.100.1'))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await guarded.get('/nowhere', from('198.51.100.2'))).toMatch(/^HTTP\/1\.1 200 /);
  });

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

  it('RL-03: headers or a body that do not arrive in time get a response, and their connection ends', async () => {
    expect([guarded.server.headersTimeout, guarded.server.requestTimeout, guarded.server.timeout]).toEqual([
      15_000, 60_000, 120_000,
    ]);
    Object.assign(guarded.server, { headersTimeout: 100, requestTimeout: 200 });
    // The application waits for the whole body.
    guarded.listener = (request, response) => void request.resume().once('end', () => response.end('read'));
    const slowHeaders = guarded.exchange('GET / HTTP/1.1\r\nHost: app.ex');
    const slowBody = guarded.exchange(
      'POST /x HTTP/1.1\r\nHost: app.example\r\nContent-Length: 10\r\n\r\n12',
    );
    expect(await slowHeaders).toMatch(/^HTTP\/1\.1 408 /);
    expect(await slowBody).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('a form that Next answers with a bare line', () => {
  const multipart = 'Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 0\r\n';
  const post = (headers = multipart) => guarded.get('/', headers, 'POST');
  const respond = (status: number, headers: Record<string, string> = {}) => {
    guarded.listener = (_request, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.statusCode = status;
      response.write('bare ');
      response.end('line');
    };
  };

  it('RL-05: because it cannot decode it gets 400 and the page, and keeps the cookies that were set', async () => {
    respond(500, { 'set-cookie': 'a=b', 'content-type': 'text/x-component', 'content-encoding': 'br' });
    const response = await post();
    expect(response).toMatch(/^HTTP\/1\.1 400 [\s\S]*<h1>Rejected with 400<\/h1><p>Reference \S+<\/p>$/);
    expect(response).toMatch(/set-cookie: a=b/i);
    expect(response).not.toMatch(/content-encoding|x-component|bare/i);
  });

  it('FW-04: because its action is not there gets the page; the router in the browser gets what it looks for', async () => {
    respond(409, { 'x-nextjs-action-not-found': '1' });
    expect(await post()).toContain('<h1>Rejected with 409</h1>');
    const call = await post('Next-Action: 40ab\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n[]');
    expect(call).toMatch(/^HTTP\/1\.1 409 [\s\S]*bare [\s\S]*line/);
    respond(400, { 'x-nextjs-action-not-found': '1' });
    expect(await post()).toContain('<h1>Rejected with 400</h1>');
  });

  it('keeps 500 once an action was reached, and every other response', async () => {
    guarded.listener = async (_request, response) => {
      await Promise.resolve();
      noteActionReached();
      response.writeHead(500).end('failed');
    };
    expect(await post()).toMatch(/^HTTP\/1\.1 500 [\s\S]*failed/);
    respond(200);
    expect(await post()).toMatch(/^HTTP\/1\.1 200 /);
    respond(500);
    expect(await post('Content-Type: application/json\r\nContent-Length: 0\r\n')).toMatch(/^HTTP\/1\.1 500 /);
  });
});
function askBy(agent: Agent, port: number): Promise<number | undefined> {
  const options = { agent, port, host: '127.0.0.1', headers: { host: 'app.example' } };
  return new Promise((resolve, reject) => {
    get(options, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });
}
