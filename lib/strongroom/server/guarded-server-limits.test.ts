/** How much of everything the server guard lets one connection and one address have. */
import { Agent, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';

let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  guarded = await startGuardedServer();
});
afterEach(() => guarded.close());

describe('the server guard', () => {
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
function askBy(agent: Agent, port: number): Promise<number | undefined> {
  const options = { agent, port, host: '127.0.0.1', headers: { host: 'app.example' } };
  return new Promise((resolve, reject) => {
    get(options, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });
}
