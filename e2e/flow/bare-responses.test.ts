import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let own: string;
beforeAll(async () => {
  stack = await startTestStack();
  const browser = new HttpBrowser();
  await signInByHttp(stack, browser);
  own = `Origin: ${stack.appOrigin}\r\nSec-Fetch-Site: same-origin\r\nCookie: ${cookieHeader(browser, stack.appOrigin)}\r\n`;
});
afterAll(() => stack?.close());

type Sent = { method?: string; target?: string; headers?: string; body?: string };

/** What a browser sends when a person navigates, byte by byte. */
async function navigate({ method = 'POST', target = '/dashboard/messages', headers = '', body = '' }: Sent) {
  const { host, port } = new URL(stack.appOrigin);
  const start = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\n`;
  const bytes = `${start}${own}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), '127.0.0.1', () => void socket.write(bytes));
    socket.setTimeout(30_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
  const [head = '', page = ''] = text.split(/\r\n\r\n(.*)/s);
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), page };
}

const multipart = 'Content-Type: multipart/form-data; boundary=x\r\n';
const field = (name: string) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n\r\n--x--\r\n`;

describe('U-*: no bare error of the framework reaches a person', () => {
  it.each<[string, Sent, number]>([
    ['RL-05: a form that cannot be read', { headers: multipart, body: 'garbage' }, 400],
    [
      'RL-05: a form without a boundary',
      { headers: 'Content-Type: multipart/form-data\r\n', body: 'x' },
      400,
    ],
    ['RL-05: a form on the home page', { target: '/', headers: multipart, body: 'garbage' }, 400],
    ['FW-04: a form without an action', { headers: multipart, body: field('a') }, 400],
    ['FW-04: an action that never was', { headers: multipart, body: field('$ACTION_ID_00aa') }, 400],
    ['FW-04: a reference to nothing', { headers: multipart, body: field('$ACTION_REF_1') }, 400],
    [
      'FW-04: an action of an older build',
      { headers: multipart, body: field(`$ACTION_ID_40${'ab'.repeat(20)}`) },
      409,
    ],
    ['CB-22: an answer by form to the callback', { target: '/auth/callback/provider', body: 'code=x' }, 405],
    ['CS-03: PUT', { method: 'PUT', target: '/dashboard' }, 405],
    ['CS-03: DELETE', { method: 'DELETE', target: '/auth/sign-in' }, 405],
    ['a form for a file', { target: '/icon.svg', body: 'x' }, 405],
    ['an expectation', { headers: 'Expect: 200-ok\r\n', body: 'x' }, 417],
  ])(
    '%s is answered with a page that says what to do, and a reference of the log',
    async (_, sent, status) => {
      const answer = await navigate(sent);
      expect([answer.status, answer.page]).toEqual([status, expect.stringContaining('<h1>')]);
      expect(answer.page).toMatch(/Nothing was changed, and nobody was signed out/);
      expect(answer.page).not.toMatch(/Internal Server Error|Invalid Server Action|unavailable\./);
      const reference = /Reference ([2-9A-Z]{4}-[2-9A-Z]{4})/.exec(answer.page)?.[1];
      await expect
        .poll(() => stack.appEvents('request_rejected').map((event) => event.reference))
        .toContain(reference);
    },
  );

  it.each([
    ['a part of a file that it does not have', 'Range: bytes=999999-\r\n'],
    ['a version of a file that it does not have', 'If-Match: "x"\r\n'],
  ])('whoever asks for %s gets the file', async (_, headers) => {
    const answer = await navigate({ method: 'GET', target: '/robots.txt', headers });
    expect([answer.status, answer.page.includes('User-agent')]).toEqual([200, true]);
  });

  it('the session outlives all of it', async () => {
    const { status, page } = await navigate({ method: 'GET', target: '/dashboard/contacts' });
    expect([status, page.includes('<table')]).toEqual([200, true]);
  });
});
