/** Ways around the guards: no response shows private data without a session, in the build with `proxy.ts` and in one without it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { bypassCorpus, type SignInTransaction } from '../support/bypass-corpus.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { startOtherWay } from '../support/other-ways.ts';
import { sendRaw } from '../support/raw-request.ts';
import { listServerActions } from '../support/server-actions.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

const env = { RATE_LIMIT_PER_MINUTE: '1000000' };
const secretWords = 'Only Ada may ever read this';

let stack: TestStack;
let bare: Awaited<ReturnType<typeof startOtherWay>>;
const ada = new HttpBrowser();
beforeAll(async () => {
  stack = await borrowStack();
  const [messages] = await Promise.all([
    signInByHttp(stack, ada, { returnTo: '/dashboard/messages' }),
    startOtherWay('neither', stack, { env }).then((started) => {
      bare = started;
    }),
  ]);
  await ada.submit(messages, /Post message/, { text: secretWords });
});
afterAll(() => Promise.all([bare?.close(), stack.close()]));

/** What only pages with a session say: the user's data, and words that stand on these pages for every user. */
const isPrivate =
  /Only Ada may ever|Ada Lindqvist|Export all contacts|What needs you|New message|what the protocol did|Other browsers|permissions granted|Nothing waits for you/;

const protectedPaths = [
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/contacts/c_1',
  '/dashboard/contacts/export',
  '/dashboard/messages',
  '/dashboard/access',
  '/dashboard/session',
  '/dashboard/session/name',
  '/dashboard/confirm',
];

function findPrivate({ headers, body }: { headers: object; body: string }): string | null {
  return isPrivate.exec(`${JSON.stringify(headers)}\n${body}`)?.[0] ?? null;
}

describe('the search for private words', () => {
  it.each(protectedPaths.filter((path) => !/\/(?:export|name)$/.test(path)))(
    'finds some on %s with a session',
    async (path) => {
      const { headers, html } = await ada.visit(stack.appOrigin + path);
      expect(findPrivate({ headers: Object.fromEntries(headers), body: html })).not.toBeNull();
    },
  );
});

describe('without a session', () => {
  it.each(bypassCorpus)('FW-02: %s shows nothing private', async (_name, path, request) => {
    for (const { origin } of [{ origin: stack.appOrigin }, bare])
      await expectNothingPrivate(origin, path, request);
  });

  it.each(protectedPaths)('FW-01: %s leads to the sign-in page without proxy.ts too', async (path) => {
    const response = await sendRaw(bare.origin, path, { headers: { 'sec-fetch-site': 'same-origin' } });
    expect([303, 307]).toContain(response.status);
    expect(new URL(response.headers.location ?? '', bare.origin).pathname).toBe('/sign-in');
    expect(findPrivate(response)).toBeNull();
  });

  it.each(protectedPaths)(
    'FW-01: the router data of %s shows nothing private without proxy.ts',
    async (path) => {
      const response = await sendRaw(bare.origin, path, { headers: { rsc: '1' } });
      expect(findPrivate(response)).toBeNull();
    },
  );

  it.each(listServerActions())('FW-01: $name does nothing without proxy.ts and a session', async ({ id }) => {
    const own = { origin: bare.origin, 'sec-fetch-site': 'same-origin', 'next-action': id };
    const response = await sendRaw(bare.origin, '/dashboard/messages', {
      method: 'POST',
      headers: own,
      body: '[{}]',
    });
    expect(findPrivate(response)).toBeNull();
  });
});

describe('the build without proxy.ts', () => {
  it('FW-01: sets no nonce, and shows its pages with a session', async () => {
    const page = await ada.visit(`${bare.origin}/dashboard/messages`);
    expect(page.headers.get('content-security-policy') ?? '').not.toContain('nonce-');
    expect(page.html).toContain(secretWords);
  });

  it('FW-01: an action itself rejects a form of another site', async () => {
    const page = await ada.visit(`${bare.origin}/dashboard/messages`);
    // Next compares Origin and Host alone, and lets this one through.
    const headers = { 'sec-fetch-site': 'cross-site' };
    await ada.submit(page, /Post message/, { text: 'forged' }, { headers });
    expect((await ada.visit(`${stack.appOrigin}/dashboard/messages`)).html).not.toContain('forged');
  });
});

describe('addresses around a page', () => {
  it.each([
    '/icon.svg',
    '/favicon.ico',
    '/apple-icon.png',
    '/opengraph-image',
    '/twitter-image',
    '/sitemap.xml',
    '/robots.txt',
    '/manifest.webmanifest',
    '/dashboard/opengraph-image',
    '/dashboard/icon.svg',
    '/dashboard/@modal',
    '/dashboard/(.)contacts',
    '/dashboard/contacts/(..)messages',
    '/dashboard/loading',
    '/dashboard/default',
    '/dashboard/layout',
    '/dashboard/not-found',
    '/dashboard/error',
    '/dashboard/nowhere',
    '/_not-found',
    '/_global-error',
    '/_error',
  ])('FW-05: %s holds nothing private without a session', async (path) => {
    const response = await sendRaw(stack.appOrigin, path);
    expect(findPrivate(response)).toBeNull();
    expect(response.body).not.toContain('data-private');
  });
});

async function expectNothingPrivate(
  origin: string,
  path: string,
  request: SignInTransaction[2],
): Promise<void> {
  const response = await sendRaw(origin, path, request);
  expect({ origin, found: findPrivate(response) }).toEqual({ origin, found: null });
}
