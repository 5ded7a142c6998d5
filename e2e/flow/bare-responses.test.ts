import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let signedInHeaders: string;
beforeAll(async () => {
  stack = await borrowStack();
  const browser = new HttpBrowser();
  await signInByHttp(stack, browser);
  signedInHeaders = `Origin: ${stack.appOrigin}\r\nSec-Fetch-Site: same-origin\r\nCookie: ${cookieHeader(browser, stack.appOrigin)}\r\n`;
});
afterAll(() => stack?.close());

type Sent = { method?: string; target?: string; headers?: string; body?: string };

/** Sends what a browser sends when its user navigates or submits a form, byte by byte. */
async function navigate({ method = 'POST', target = '/dashboard/messages', headers = '', body = '' }: Sent) {
  const { host, port } = new URL(stack.appOrigin);
  const start = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\n`;
  const bytes = `${start}${signedInHeaders}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), '127.0.0.1', () => void socket.write(bytes));
    socket.setTimeout(240_000, () => socket.destroy(new Error('no response')));
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

describe('requests that Next would reject without a page', () => {
  it.each<[string, Sent, number]>([
    [
      'RL-05: a form without a boundary',
      { headers: 'Content-Type: multipart/form-data\r\n', body: 'x' },
      400,
    ],
    ['CB-22: a POST to the callback', { target: '/auth/callback/provider', body: 'code=x' }, 405],
    ['CS-03: PUT', { method: 'PUT', target: '/dashboard' }, 405],
    ['CS-03: DELETE', { method: 'DELETE', target: '/auth/sign-in' }, 405],
    ['a form posted to a static file', { target: '/icon.svg', body: 'x' }, 405],
    ['an expectation', { headers: 'Expect: 200-ok\r\n', body: 'x' }, 417],
  ])('%s gets a page that says what to do, with a reference that is in the log', async (_, sent, status) => {
    const response = await navigate(sent);
    expect([response.status, response.page]).toEqual([status, expect.stringContaining('<h1>')]);
    expect(response.page).toMatch(/Nothing was changed, and you were not signed out/);
    const reference = /Reference ([2-9A-Z]{4}-[2-9A-Z]{4})/.exec(response.page)?.[1];
    await expect
      .poll(() => stack.appEvents('request_rejected').map((event) => event.reference))
      .toContain(reference);
  });

  it.each([
    ['a part of a file that the file does not have', 'Range: bytes=999999-\r\n'],
    ['a version of a file that does not exist', 'If-Match: "x"\r\n'],
  ])('a request for %s gets the whole file', async (_, headers) => {
    const response = await navigate({ method: 'GET', target: '/robots.txt', headers });
    expect([response.status, response.page.includes('User-agent')]).toEqual([200, true]);
  });
});

describe('forms whose body only Next can read', () => {
  it.each<[string, Sent, number]>([
    ['RL-05: a garbled body', { headers: multipart, body: 'garbage' }, 400],
    ['RL-05: a garbled body on the home page', { target: '/', headers: multipart, body: 'garbage' }, 400],
    [
      'RL-05: a garbled body, compressed on the way back',
      { headers: `${multipart}Accept-Encoding: gzip\r\n`, body: 'garbage' },
      400,
    ],
    ['FW-04: no action', { headers: multipart, body: field('a') }, 400],
    ['FW-04: an action that never existed', { headers: multipart, body: field('$ACTION_ID_00aa') }, 400],
    ['FW-04: a reference to no action', { headers: multipart, body: field('$ACTION_REF_1') }, 400],
    [
      'FW-04: an action of an older build',
      { headers: multipart, body: field(`$ACTION_ID_40${'ab'.repeat(20)}`) },
      409,
    ],
  ])('%s gets our page, with a reference that is in the log', async (_, sent, status) => {
    const response = await navigate(sent);
    expect([response.status, response.page]).toEqual([status, expect.stringContaining('<h1>')]);
    expect(response.page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(response.head).toContain('x-content-type-options: nosniff');
    const reference = /Reference ([2-9A-Z]{4}-[2-9A-Z]{4})/.exec(response.page)?.[1];
    await expect
      .poll(() => stack.appEvents('request_rejected').map((event) => event.reference))
      .toContain(reference);
  });

  it('do not change the session', async () => {
    const { status, page } = await navigate({ method: 'GET', target: '/dashboard/contacts' });
    expect([status, page.includes('<table')]).toEqual([200, true]);
  });
});
