/** What strangers can make the application repeat, print or compute: requests that no browser of a user sends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { type RawRequest, sendRaw } from '../support/raw-request.ts';
import { sendRaw as sendBytes } from '../support/raw-socket.ts';
import { listServerActions } from '../support/server-actions.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { callbackSpellings } from '../support/spellings.ts';
import type { TestStack } from '../support/test-stack.ts';

const canary = 'canary7code';
let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack?.close());

describe('the callback in another spelling', () => {
  it.each(callbackSpellings)('CB-28, CB-29: %s is rejected, and repeats no code', async (path) => {
    const target = `${path}?code=${canary}&state=x`;
    const kinds: Record<string, string>[] = [{}, { rsc: '1' }, { rsc: '1', 'next-router-prefetch': '1' }];
    for (const headers of kinds) {
      const response = await sendRaw(stack.appOrigin, target, { headers });
      // 307: Next asks an RSC fetch without its marker to come again with it.
      expect([400, 404, ...('rsc' in headers ? [307] : [])]).toContain(response.status);
      expect(response.body).not.toContain(canary);
      expect(JSON.stringify(response.headers)).not.toContain(canary);
      expect(response.headers['referrer-policy']).toBe('no-referrer');
    }
  });

  it('RL-02: a logout token at another spelling of its address is not read without a length', async () => {
    const { text } = await sendBytes(
      stack.appOrigin,
      `POST /auth/%62ack-channel-logout HTTP/1.1\r\nHost: ${new URL(stack.appOrigin).host}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      // The body never comes, and the server reads on for a while: the response is there before.
      1,
    );
    expect(text).toMatch(/^HTTP\/1\.1 411 /);
  });
});

const own = () => ({ origin: stack.appOrigin, 'sec-fetch-site': 'same-origin' });
const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
const field = (name: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${canary}\r\n--x--\r\n`;

type Provocation = [path: string, request: RawRequest];

/** Each makes Next print something, or did in a version before this one. */
function listProvocations(): Provocation[] {
  const post = (headers: Record<string, string>, body: string): Provocation => [
    '/',
    { method: 'POST', headers: { ...own(), ...headers }, body },
  ];
  const [action] = listServerActions();
  return [
    post(multipart, canary),
    post(multipart, field('$ACTION_ID_00aa')),
    post(multipart, field(`$ACTION_REF_1`)),
    post(multipart, field(`$ACTION_ID_40${'ab'.repeat(20)}`)),
    post({ 'next-action': canary, 'content-type': 'text/plain' }, '[]'),
    post({ 'next-action': `40${'ab'.repeat(20)}`, 'content-type': 'text/plain' }, `["${canary}"]`),
    post({ 'next-action': action?.id ?? '', 'content-type': 'text/plain' }, `[{"${canary}`),
    post({ 'next-action': action?.id ?? '', 'content-type': 'text/plain' }, '["$F1","$Q2"]'),
    [
      '/',
      { method: 'POST', headers: { origin: `http://${canary}.example`, 'next-action': canary }, body: '[]' },
    ],
    ['/_next/image?url=%2Ficon.svg&w=64&q=75', {}],
    [`/_next/image?url=http://${canary}.example/&w=64&q=75`, {}],
    [`/_next/data/${canary}/index.json`, {}],
    [`/_next/static/chunks/${canary}.js?dpl=${canary}`, {}],
    [`/${canary}%1b%5b31m?${canary}`, {}],
    ['/', { headers: { rsc: '1', 'next-router-state-tree': `%1b${canary}` } }],
    ['/', { headers: { cookie: `__prerender_bypass=${canary}; __next_preview_data=${canary}` } }],
    [`/dashboard/contacts/${canary}%0d%0a`, {}],
  ];
}

const applicationLines = () =>
  stack.lines.filter(({ server }) => server === 'application').map(({ line }) => line);

describe('the log', () => {
  it('OP-03, LK-03: has JSON lines of ours alone, at the start and whatever strangers send: one each, without their words', async () => {
    const before = applicationLines().length;
    const provocations = listProvocations();
    for (const [path, request] of provocations) await sendRaw(stack.appOrigin, path, request);
    // The last line is there when the one of this request is.
    await sendRaw(stack.appOrigin, '/', { method: 'TRACE' });
    await expect.poll(() => stack.appEvents('request_rejected').at(-1)?.status).toBe(405);
    const lines = applicationLines();
    for (const line of lines) {
      expect(() => JSON.parse(line), line).not.toThrow();
      expect(JSON.parse(line)).toMatchObject({ event: expect.any(String), time: expect.any(String) });
      expect(line.length).toBeLessThan(1_000);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]|\\u00/);
      expect(line).not.toContain(canary);
    }
    // One more is that of TRACE.
    expect(lines.length - before).toBeLessThanOrEqual(provocations.length + 1);
    expect(lines.join('\n')).not.toMatch(/unhandled|ERR_ACCESS_DENIED|fs-write/i);
  });
});

describe('requests sent ahead on one connection', () => {
  it('RL-03: get at most nine responses of three thousand, and hold up nobody', async () => {
    const { host } = new URL(stack.appOrigin);
    const bytes = `GET /nowhere HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(3_000);
    const browser = new HttpBrowser();
    const [{ text, isClosed }, page] = await Promise.all([
      sendBytes(stack.appOrigin, bytes),
      signInByHttp(stack, browser),
    ]);
    expect(isClosed).toBe(true);
    const responses = text.match(/^HTTP\/1\.1 \d+/gm) ?? [];
    expect(responses.length).toBeGreaterThan(0);
    expect(responses.length).toBeLessThanOrEqual(9);
    expect(page.status).toBe(200);
  });
});
