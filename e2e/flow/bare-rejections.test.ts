/** Requests that Node or Next would reject with a bare line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { askExactly, type Sent, sendExactly } from '../support/exact-request.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let port: number;
let host: string;
beforeAll(async () => {
  stack = await borrowStack();
  ({ host } = new URL(stack.appOrigin));
  port = Number(new URL(stack.appOrigin).port);
});
afterAll(() => stack?.close());

const send = (bytes: string) => sendExactly(port, bytes);
const ask = (sent: Sent) => askExactly(port, { host, ...sent });

/** Announces a form and sends nothing of it: the server reads on for a while, which the client does not wait for. */
const announce = (length: number) =>
  askExactly(port, { host, method: 'POST', headers: { 'Content-Length': String(length) } }, '</html>');

describe('requests that Node or Next would reject without a page', () => {
  it.each([
    ['LK-10: TRACE', () => ask({ method: 'TRACE' }), 405],
    ['LK-10: TRACE of a private page', () => ask({ method: 'TRACE', target: '/dashboard' }), 405],
    ['LK-10: a method of WebDAV', () => ask({ method: 'PROPFIND' }), 405],
    ['RL-02: headers of 20 KB', () => ask({ headers: { 'X-Large': 'a'.repeat(20_000) } }), 431],
    ['RL-02, CK-12: cookies of 20 KB', () => ask({ headers: { Cookie: `a=${'a'.repeat(20_000)}` } }), 431],
    ['RL-02: an address of 9 KB', () => ask({ target: `/${'a'.repeat(9_000)}` }), 414],
    [
      'CB-18: a callback address of 9 KB',
      () => ask({ target: `/auth/callback/provider?state=${'a'.repeat(9_000)}` }),
      414,
    ],
    [
      'CB-19: a callback address with a lone percent sign',
      () => ask({ target: '/auth/callback/provider?state=x&code=%' }),
      400,
    ],
    ['RL-02: a form of 2 MB', () => announce(2_000_000), 413],
    // This one waits until the server has given up reading and ends the connection.
    [
      'RL-02: a large form below /auth',
      () => ask({ method: 'POST', target: '/auth/sign-out', headers: { 'Content-Length': '100000' } }),
      413,
    ],
    ['CB-19: a lone percent sign', () => ask({ target: '/dashboard/contacts/%' }), 404],
    [
      'CB-19: half a character in the address of a static file',
      () => ask({ target: '/_next/static/%ff' }),
      404,
    ],
    ['CB-19: NUL', () => ask({ target: '/dashboard/contacts/a%00b' }), 404],
    ['PX-08: a bare line feed in a header', () => send(`GET / HTTP/1.1\r\nHost: ${host}\nX: y\r\n\r\n`), 400],
    ['PX-08: a header without a name', () => send(`GET / HTTP/1.1\r\nHost: ${host}\r\n: y\r\n\r\n`), 400],
    ['PX-08: not HTTP', () => send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'), 400],
  ])('%s gets a page with a reference', async (_, request, status) => {
    const { status: got, body, head } = await request();
    expect(got).toBe(status);
    expect(body).not.toMatch(/Internal Server Error|at \w+ \(/);
    expect(body).toMatch(/<h1/);
    expect(head).toContain('content-security-policy');
    expect(head).toContain('no-store');
    const reference = /Reference ([2-9A-Z]{4}-[2-9A-Z]{4})/.exec(body)?.[1];
    if (status !== 404)
      await expect
        .poll(() => stack.appEvents('request_rejected').map((event) => event.reference))
        .toContain(reference);
  });

  it('PX-13: an upgrade is handled as an ordinary request, and opens no socket', async () => {
    const headers = {
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version': '13',
    };
    const raw = await send(
      `GET /dashboard HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );
    expect(raw.status).toBe(303);
  });
});
