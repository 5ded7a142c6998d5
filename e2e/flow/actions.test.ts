/** Server actions as an attacker can call them: without a session, without a permission, from other sites, with malformed bodies. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { hostileBodies, inertMarkers } from '../support/hostile-bodies.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { type RawResponse, sendRaw } from '../support/raw-request.ts';
import { listServerActions } from '../support/server-actions.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { ada, grace, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
const folder = mkdtempSync(join(tmpdir(), 'strongroom-marker-'));
const marker = join(folder, 'written');
const people: Record<string, HttpBrowser> = { [ada]: new HttpBrowser(), [grace]: new HttpBrowser() };
const actions = listServerActions();
/** What the forms of Ada's page hold: one of her messages, and who she is. */
let hers: [string, string][] = [];

beforeAll(async () => {
  stack = await borrowStack();
  const permissions = ['read:contacts', 'read:messages'];
  const adas = people[ada] as HttpBrowser;
  const page = await signInByHttp(stack, adas, { returnTo: '/dashboard/messages' });
  const { html } = await adas.submit(page, /Post message/, { text: 'To be kept' });
  hers = [
    ['_1_id', listItems(html)[0] ?? ''],
    ['_1_writer', /name="writer" value="([^"]+)"/.exec(html)?.[1] ?? ''],
  ];
  await signInByHttp(stack, people[grace] as HttpBrowser, { email: grace, permissions });
});
afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
});

const cookieOf = (who: string) => ({
  cookie: cookieHeader(people[who] ?? new HttpBrowser(), stack.appOrigin),
});
const own = () => ({ origin: stack.appOrigin, 'sec-fetch-site': 'same-origin' });
const formOf = (fields: readonly (readonly [string, string])[]) => {
  const boundary = 'strongroom';
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--\r\n`,
  };
};
/** As the client's script calls an action with its last state and a form: here that of Ada's own page. */
const callOf = (id: string, path: string, headers: Record<string, string>, words: string) => {
  const form = formOf([['_1_text', words], ['_1_key', randomUUID()], ...hers, ['0', '["","$K1"]']]);
  return sendRaw(stack.appOrigin, path, {
    method: 'POST',
    headers: { ...form.headers, accept: 'text/x-component', 'next-action': id, ...headers },
    body: form.body,
  });
};
const messages = async () =>
  (await (people[ada] as HttpBrowser).visit(`${stack.appOrigin}/dashboard/messages`)).html;

describe.each(actions)('$name', ({ id, name }) => {
  it.each(['/', '/dashboard', '/dashboard/messages', '/dashboard/confirm', '/sign-in', '/nowhere'])(
    `CS-09: ${name}, called at %s without a session, does nothing`,
    async (path) => {
      const before = await messages();
      const response = await callOf(id, path, own(), 'from nobody');
      expect(response.body).not.toContain('from nobody');
      expect(response.body).not.toMatch(/is posted|is deleted|Ada Lindqvist/);
      expect(listItems(await messages())).toEqual(listItems(before));
    },
  );

  it(`CS-09: ${name}, called by a user without the permission, does nothing`, async () => {
    const before = await messages();
    const response = await callOf(id, '/dashboard/messages', { ...own(), ...cookieOf(grace) }, 'from Grace');
    expect(response.body).not.toMatch(/is posted|is deleted/);
    expect(listItems(await messages())).toEqual(listItems(before));
  });

  it.each([
    ['another site', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling', { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a client that says nothing', {}],
    [
      'another site that forwards our host',
      { origin: 'http://evil.example', 'x-forwarded-host': 'evil.example' },
    ],
  ])(`CS-10: ${name}, called with Ada’s cookies by %s, is rejected`, async (_who, headers) => {
    const response = await callOf(id, '/dashboard/messages', { ...headers, ...cookieOf(ada) }, 'forged');
    expectRejected(response);
    expect(await messages()).not.toContain('forged');
  });

  it(`CS-10: ${name} with a Host header of another server sends that server no request`, async () => {
    const asked: string[] = [];
    const sink = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end();
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    const host = `localhost:${(sink.address() as AddressInfo).port}`;
    const crossSite = { origin: `http://${host}` };
    const spoofs: Record<string, string>[] = [
      { host },
      { 'x-forwarded-host': host },
      { host, ...crossSite },
      { host, 'x-forwarded-host': host, 'x-forwarded-proto': 'http', ...crossSite },
      { host, ...crossSite, ...cookieOf(ada) },
      { 'x-forwarded-host': host, ...crossSite, ...cookieOf(ada) },
    ];
    for (const path of ['/', '/dashboard/messages', '/sign-in'])
      for (const spoof of spoofs) {
        const response = await callOf(id, path, { ...own(), ...spoof }, 'forged');
        expect(response.headers.location ?? '').not.toContain(host);
      }
    expect(asked).toEqual([]);
    expect(await messages()).not.toContain('forged');
    sink.close();
    sink.closeAllConnections();
  });
});

describe('a form that was rendered for one user', () => {
  it('CS-08: no page and no cookie has a CSRF token, because the origin is checked', async () => {
    const page = await (people[ada] as HttpBrowser).visit(`${stack.appOrigin}/dashboard/messages`);
    expect(page.html).not.toMatch(/csrf|xsrf|authenticity/i);
    expect([...(people[ada] as HttpBrowser).cookies(stack.appOrigin).keys()].join()).not.toMatch(
      /csrf|xsrf/i,
    );
  });

  it('CS-08: what was rendered for Ada posts nothing as Grace', async () => {
    const all = new HttpBrowser();
    await signInByHttp(stack, all, { email: grace });
    const page = await (people[ada] as HttpBrowser).visit(`${stack.appOrigin}/dashboard/messages`);
    const response = await all.submit(page, /Post message/, { text: 'By whom?' });
    expect(response.html).toContain('You are now signed in as');
    expect((await all.visit(`${stack.appOrigin}/dashboard/messages`)).html).not.toMatch(/<p[^>]*>By whom\?/);
  });
});

describe('bodies that are no call of an action', () => {
  const known = actions[0]?.id;

  it.each(inertMarkers(marker))(
    'FW-04: %s runs nothing, with and without an action',
    async (_name, body, type) => {
      for (const [path, id] of [
        ['/', undefined],
        ['/', known],
        ['/dashboard/messages', undefined],
        ['/dashboard/messages', known],
        ['/sign-in', 'x'],
        ['/nowhere', '__proto__'],
        ['/nowhere', 'constructor'],
      ] as const)
        await expectHarmless(path, { body, type, id });
      expect(existsSync(marker)).toBe(false);
    },
  );

  it.each(hostileBodies())('RL-05: %s is rejected, and the server goes on', async (_name, body, type) => {
    for (const [path, id] of [
      ['/', undefined],
      ['/dashboard/messages', known],
      ['/auth/sign-out', undefined],
      ['/auth/back-channel-logout', undefined],
    ] as const)
      await expectHarmless(path, { body, type, id });
    expect((await sendRaw(stack.appOrigin, '/healthz')).status).toBe(200);
  });
});

describe('a call that no code of the application sees', () => {
  const id = actions.find(({ name }) => name === 'postMessageAction')?.id ?? '';
  const text = 'text/plain;charset=UTF-8';

  it.each([
    ['an empty body', '', text],
    ['an empty form', '', 'multipart/form-data; boundary=strongroom'],
    ['half a line of JSON', '["$K1"', text],
    ['a reference to nothing', '["$Q99"]', text],
    [
      'a form that ends in a name',
      '--strongroom\r\nContent-Disposition: form-data; name="0',
      'multipart/form-data; boundary=strongroom',
    ],
  ])(
    'RL-05: with %s gets 400 and the page, with a reference that is in the log, and no error is logged',
    async (_name, body, type) => {
      const failures = () => stack.appEvents('request_failed').length;
      const before = failures();
      const headers = { ...own(), ...cookieOf(ada), 'content-type': type, 'next-action': id };
      const response = await sendRaw(stack.appOrigin, '/dashboard/messages', {
        method: 'POST',
        headers,
        body,
      });
      expect([response.status, response.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
      const reference = /Reference ([2-9A-Z]{4}-[2-9A-Z]{4})/.exec(response.body)?.[1];
      await expect
        .poll(() => stack.appEvents('request_rejected').map((event) => event.reference))
        .toContain(reference);
      expect(failures()).toBe(before);
    },
  );
});

describe('the action calls of this file', () => {
  it.each([
    ['postMessageAction', 'is posted', 'Posted by hand'],
    ['deleteMessageAction', 'is deleted', ''],
  ])('work when they are allowed: %s', async (name, words, text) => {
    const id = actions.find((action) => action.name === name)?.id ?? '';
    const response = await callOf(id, '/dashboard/messages', { ...own(), ...cookieOf(ada) }, text);
    expect(response.body).toContain(words);
    expect((await messages()).includes('To be kept')).toBe(name !== 'deleteMessageAction');
    if (text !== '') expect(await messages()).toContain(text);
  });
});

type Call = { body: string; type: string; id: string | undefined };

async function expectHarmless(path: string, { body, type, id }: Call): Promise<void> {
  const headers = { ...own(), 'content-type': type, ...(id === undefined ? {} : { 'next-action': id }) };
  const response = await sendRaw(stack.appOrigin, path, { method: 'POST', headers, body });
  expect(response.body).not.toMatch(/\n\s+at |node_modules|\.js:\d+|marker-ran|is posted|is deleted/);
  expect(response.status, `${path}: ${response.body.slice(0, 200)}`).toBeGreaterThanOrEqual(200);
  expect(response.status, `${path}: ${response.body.slice(0, 200)}`).toBeLessThan(500);
  // A body that Next cannot decode gets the page for what cannot be read.
  if (response.status === 400 && !path.startsWith('/auth/')) expect(response.body).toContain('<h1>');
}

function expectRejected({ status, headers }: RawResponse): void {
  const target = new URL(headers.location ?? '/', stack.appOrigin);
  const isPage = status === 303 && target.searchParams.get('code') === 'cross_site_request';
  expect(isPage || status === 403 || status === 421, `${status} ${headers.location}`).toBe(true);
}

function listItems(html: string): string[] {
  return [...html.matchAll(/name="id" value="(m_[^"]+)"/g)].map(([, id = '']) => id);
}
