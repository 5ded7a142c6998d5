/** An API that is hostile, slow, or disagrees with the authorization server: pages keep working, and no user sees the data of another. RC-10 to RC-15 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { maxCallsAtOnce, maxCallsOfOneUser } from '../../lib/strongroom/api/call-limit.ts';
import { startTestServer, type TestServer } from '../../lib/strongroom/testing/http-server.ts';
import { borrowStack } from '../support/borrowed-stack.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { contact, oddData, page } from '../support/odd-data.ts';
import { revokeGrant } from '../support/revoke.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { editSession, joinSessionCookie } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { ada, grace, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let sink: TestServer;
let api: ScriptedApi | null = null;
const browsers: Record<string, HttpBrowser> = { [ada]: new HttpBrowser(), [grace]: new HttpBrowser() };
beforeAll(async () => {
  [stack, sink] = await Promise.all([borrowStack(), startTestServer()]);
  for (const [email, browser] of Object.entries(browsers))
    await signInByHttp(stack, browser, { email, returnTo: '/dashboard/access' });
  await stack.stop('API');
});
afterEach(async () => {
  await api?.close();
  api = null;
});
afterAll(() => Promise.all([stack.close(), sink.close()]));

const of = (email: string) => browsers[email] ?? new HttpBrowser();
const at = (path: string) => stack.appOrigin + path;
const ok = (value: unknown): ScriptedResponse => ({
  status: 200,
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const rejected = (more = ''): ScriptedResponse => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer error="invalid_token"${more}` },
});

type Claims = { sub: string; exp: number };
const claimsOf = (authorization = ''): Claims =>
  JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString());
/** Responds according to the token of the request. */
async function script(response: (claims: Claims, path: string) => ScriptedResponse): Promise<void> {
  api = await startScriptedApi(stack.settings.apiPort, (path, count) =>
    response(claimsOf(api?.tokens[count - 1]), path),
  );
}
const signIn = async () => {
  const browser = new HttpBrowser();
  await signInByHttp(stack, browser, { returnTo: '/dashboard/access' });
  return browser;
};

describe('a challenge that points elsewhere', () => {
  it.each([
    [401, 'Bearer error="invalid_token"'],
    [403, 'Bearer error="insufficient_scope", scope="write:messages"'],
  ])('RC-10: resource metadata that a %i names is never requested', async (status, own) => {
    const elsewhere = `, resource_metadata="${sink.origin}/.well-known/oauth-protected-resource", as_uri="${sink.origin}"`;
    const challenge = own + elsewhere;
    await script(() => ({
      status,
      headers: { 'www-authenticate': challenge, link: `<${sink.origin}/l>; rel="service-desc"` },
    }));
    const end = await (await signIn()).visit(at('/dashboard/contacts'));
    expect(end.url.origin).toBe(stack.appOrigin);
    expect(end.html).not.toContain(sink.origin);
    expect(sink.requests).toEqual([]);
  });
});

describe('API data of an unexpected shape', () => {
  it.each(oddData)('RC-11: %s: the page stays whole, and nothing of it runs', async (_what, path, data) => {
    await script((_claims, asked) =>
      asked.startsWith(path.split('?')[0]?.replace('/dashboard', '') ?? '') ? ok(data) : ok(page([])),
    );
    const shown = await of(ada).visit(at(path));
    expect([shown.status, shown.url.pathname]).toEqual([200, path.split('?')[0]]);
    expect(shown.html).toContain('Sign out');
    expect(shown.html).not.toMatch(
      /<x-evil|href="javascript|Invalid Date|NaN|\[object Object\]|polluted":true/,
    );
    expect(shown.html.length).toBeLessThan(500_000);
  });
});

describe('an API that disagrees with the authorization server', () => {
  it('RC-12: whose clock is fast rejects a token early: it is refreshed once, and the page is shown', async () => {
    const browser = await signIn();
    await script(() => ok(page([])));
    await browser.visit(at('/dashboard/contacts'));
    // Its clock stands where the first token has just ended; the next one, a second younger, has not.
    const { exp, iat } = claimsOf(api?.tokens[0]) as Claims & { iat: number };
    await api?.close();
    await script((claims) => (claims.exp <= exp ? rejected() : ok(page([]))));
    await expect.poll(() => Math.floor(Date.now() / 1000)).toBeGreaterThan(iat);
    const shown = await browser.visit(at('/dashboard/contacts'));
    expect([shown.url.pathname, api?.tokens.length]).toEqual(['/dashboard/contacts', 2]);
    expect(shown.html).toContain('You have no contacts yet');
  });

  it('RC-14: after the grant was revoked leads to signing in again, and back to the page', async () => {
    const browser = await signIn();
    await revokeGrant(stack, joinSessionCookie(browser.cookies(stack.appOrigin)));
    await script(() => rejected());
    const asked = await browser.visit(at('/dashboard/contacts?q=an'));
    expect([asked.url.pathname, ...asked.url.searchParams.values()]).toEqual([
      '/sign-in',
      '/dashboard/contacts?q=an',
      'invalid_grant',
    ]);
    expect(api?.tokens).toHaveLength(1);
  });
});

describe('two users', () => {
  const mine = (email: string): Promise<Page> => of(email).visit(at('/dashboard/contacts?q=same'));

  it('RC-13: who request the same page alternately and at once each get their own data, and no cache keeps it', async () => {
    await script(({ sub }) => ok(page([{ ...contact, name: `friend-of-${sub}` }])));
    const [first, second] = [await mine(ada), await mine(grace)];
    const [hers, theirs] = [first, second].map(({ html }) => /friend-of-[\w-]+/.exec(html)?.[0]);
    expect(hers).not.toBe(theirs);
    const users = Array.from({ length: 20 }, (_, index) => (index % 2 ? grace : ada));
    for (const email of users.slice(0, 6))
      expect((await mine(email)).html).toContain(email === ada ? hers : theirs);
    await Promise.all(
      users.map(async (email) => {
        const { html, headers } = await mine(email);
        expect([...new Set(html.match(/friend-of-[\w-]+/g))]).toEqual([email === ada ? hers : theirs]);
        expect(headers.get('cache-control')).toMatch(/private.*no-store/);
      }),
    );
    expect(api?.tokens).toHaveLength(28);
  });

  it('RC-13: nothing that needs a session was rendered when the application was built', () => {
    const manifest = readFileSync(join(import.meta.dirname, '../../.next/prerender-manifest.json'), 'utf8');
    expect(
      Object.keys(JSON.parse(manifest).routes).filter((route) => route.startsWith('/dashboard')),
    ).toEqual([]);
  });
});

describe('an API that does not respond', () => {
  it('RC-15: holds up neither signing in nor public pages, has a bounded number of calls waiting, and recovers', async () => {
    const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
    api = await startScriptedApi(0, () => ok(page([])));
    const front = await startFaultProxy(stack.settings.apiPort, api.port);
    front.chooseFault = () => ({ kind: 'hold', until: back });
    const locations: (string | null | undefined)[] = [];
    const browsers = Array.from({ length: 6 }, () => new HttpBrowser());
    for (const [number, browser] of browsers.entries()) {
      await signInByHttp(stack, browser, { returnTo: '/dashboard/session' });
      // Six users, because one alone may have 100 waiting.
      await editSession(stack, browser, ({ user, ...session }) => ({
        ...session,
        user: { ...(user as object), subject: `user-${number}` },
      }));
    }
    // The cheapest call to the API that a user can cause.
    const waiting = Array.from({ length: maxCallsAtOnce + 40 }, async (_, number) => {
      const browser = browsers[number % 6]?.copy() ?? of(ada);
      const { responses } = await browser.follow(at('/dashboard/contacts/export'), { maxRedirects: 0 });
      locations.push(responses[0]?.location);
    });
    await expect.poll(() => front.requests.length + locations.length).toBe(maxCallsAtOnce + 40);
    expect([front.requests.length, locations.length]).toEqual([maxCallsAtOnce, 40]);
    expect(new Set(locations)).toEqual(new Set(['/dashboard/confirm']));
    for (const path of ['/', '/sign-in', '/healthz', '/signed-out'])
      expect((await fetch(at(path))).status).toBe(200);
    const signedIn = await signInByHttp(stack, new HttpBrowser(), {
      email: grace,
      returnTo: '/dashboard/session',
    });
    expect(signedIn.url.pathname).toBe('/dashboard/session');
    // All this while the others were still waiting.
    expect(locations.length).toBeLessThan(maxCallsAtOnce);
    comeBack();
    await Promise.all(waiting);
    expect((await of(ada).visit(at('/dashboard/contacts'))).html).toContain('You have no contacts yet');
    await front.close();
  });

  it('RC-15: one user with eight sessions takes a bounded number of places, and others get through', async () => {
    const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
    api = await startScriptedApi(0, () => ok(page([])));
    const front = await startFaultProxy(stack.settings.apiPort, api.port);
    front.chooseFault = () =>
      front.requests.length <= maxCallsOfOneUser ? { kind: 'hold', until: back } : null;
    const sessions: HttpBrowser[] = [];
    for (let number = 0; number < 8; number += 1) sessions.push(await signIn());
    let failed = 0;
    const waiting = Array.from({ length: maxCallsOfOneUser + 60 }, async (_, number) => {
      const browser = sessions[number % 8]?.copy() ?? of(ada);
      await browser.follow(at('/dashboard/contacts/export'), { maxRedirects: 0 });
      failed += 1;
    });
    await expect.poll(() => front.requests.length + failed).toBe(maxCallsOfOneUser + 60);
    expect([front.requests.length, failed]).toEqual([maxCallsOfOneUser, 60]);
    expect((await of(grace).visit(at('/dashboard/contacts'))).html).toContain('You have no contacts yet');
    comeBack();
    await Promise.all(waiting);
    await front.close();
  });
});
