/** What an operator can read afterwards: one line of JSON for each event, with the reference that the user saw. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { sendRaw } from '../support/raw-request.ts';
import { revokeGrant } from '../support/revoke.ts';
import { editSession, expireAccessToken, joinSessionCookie } from '../support/seals.ts';
import { reachCallback, signInByHttp, startByHttp } from '../support/sign-in-by-http.ts';
import { ada, startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ RATE_LIMIT_PER_MINUTE: '1000000' }, { isFaulty: true });
});
afterEach(() => {
  if (stack.proxy !== null) stack.proxy.chooseFault = () => null;
});
afterAll(() => stack.close());

type Event = Record<string, unknown>;

/** What was logged under `name` while `act` ran, and the result of `act`. */
async function during<T>(name: string, act: () => Promise<T>): Promise<{ events: Event[]; result: T }> {
  const before = stack.appEvents(name).length;
  const result = await act();
  await expect.poll(() => stack.appEvents(name).length).toBeGreaterThan(before);
  const events = stack.appEvents(name).slice(before);
  for (const event of events) {
    expect(event).toMatchObject({ event: name, time: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(['info', 'warn', 'error']).toContain(event.level);
  }
  return { events, result };
}

/** The page says the reference of the one event. */
function expectReference([event, ...more]: Event[], page: Page): void {
  expect(more).toEqual([]);
  expect(event?.reference).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  expect(page.html.replaceAll('<!-- -->', '')).toContain(`Reference ${event?.reference}`);
}

const signedIn = async () => {
  const browser = new HttpBrowser();
  await signInByHttp(stack, browser);
  return browser;
};
const at = (path: string) => stack.appOrigin + path;
const pseudonym = expect.stringMatching(/^[\w-]{16}$/);
const crossSite = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' };

describe('signing in', () => {
  it('OP-03: its start and its end are logged, the user by a pseudonym', async () => {
    const { events: started } = await during('sign_in_started', () => startByHttp(stack, new HttpBrowser()));
    expect(started).toHaveLength(1);
    const { events } = await during('signed_in', signedIn);
    expect(events).toEqual([expect.objectContaining({ userPseudonym: pseudonym })]);
  });

  it('OP-03: an unreachable authorization server is logged when a sign-in cannot start', async () => {
    if (stack.proxy !== null) stack.proxy.chooseFault = () => ({ kind: 'respond', status: 503 });
    const { events, result } = await during('sign_in_not_started', () =>
      startByHttp(stack, new HttpBrowser()),
    );
    expectReference(events, result);
    expect(events[0]).toMatchObject({ code: 'temporarily_unavailable', level: 'error' });
  });

  const changes: [reason: string, code: string, change: (query: URLSearchParams) => void][] = [
    ['state_missing', 'transaction_expired', (query) => query.delete('state')],
    ['state_unknown', 'transaction_expired', (query) => query.set('state', 'A'.repeat(22))],
    ['code_missing', 'transaction_expired', (query) => query.delete('code')],
    ['iss_mismatch', 'invalid_response', (query) => query.set('iss', 'http://evil.example')],
    ['repeated_parameter', 'invalid_response', (query) => query.append('code', 'again')],
    ['code_too_long', 'invalid_response', (query) => query.set('code', 'a'.repeat(5_000))],
    ['code_and_error', 'invalid_response', (query) => query.set('error', 'server_error')],
    ['unexpected_parameter', 'invalid_response', (query) => query.set('access_token', 'x')],
    ['invalid_grant', 'invalid_grant', (query) => query.set('code', 'unknown')],
  ];

  it.each(changes)(
    'OP-03: a callback rejected for %s is logged with the reference on the page',
    async (reason, code, change) => {
      const browser = new HttpBrowser();
      const callback = await reachCallback(stack, browser);
      change(callback.searchParams);
      const { events, result } = await during('sign_in_rejected', () => browser.visit(callback));
      expectReference(events, result);
      expect(events[0]).toMatchObject({ reason, code });
    },
  );

  it('OP-03: declining is logged, with what the server said about it', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser);
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    callback.searchParams.set('error_description', `verify your\r\n e-mail first${'.'.repeat(300)}`);
    const { events, result } = await during('sign_in_rejected', () => browser.visit(callback));
    expectReference(events, result);
    const serverDescription = `verify your e-mail first${'.'.repeat(176)}`;
    const said = { serverError: 'access_denied', serverDescription };
    expect(events[0]).toMatchObject({ code: 'access_denied', level: 'warn', ...said });
  });
});

describe('keeping tokens', () => {
  it('OP-03: a refresh is logged without its tokens', async () => {
    const browser = await signedIn();
    await expireAccessToken(stack, browser);
    const { events } = await during('tokens_refreshed', () => browser.visit(at('/dashboard')));
    expect(events).toHaveLength(1);
  });

  it('OP-03: a refresh that the server rejects revokes the session, and both are logged', async () => {
    const browser = await signedIn();
    await revokeGrant(stack, joinSessionCookie(browser.cookies(stack.appOrigin)));
    await expireAccessToken(stack, browser);
    const rejected = during('session_rejected', () => browser.visit(at('/dashboard')));
    const { events } = await during('refresh_failed', () => rejected);
    expect(events).toEqual([expect.objectContaining({ code: 'invalid_grant', isFinal: true })]);
    expect((await rejected).events).toEqual([
      expect.objectContaining({ kind: 'revoked', reason: 'invalid_grant', userPseudonym: pseudonym }),
    ]);
  });

  it('OP-03: a refresh that fails for now is logged as such', async () => {
    const browser = await signedIn();
    await expireAccessToken(stack, browser);
    if (stack.proxy !== null)
      stack.proxy.chooseFault = (_, path) =>
        path === '/oauth/token' ? { kind: 'respond', status: 503 } : null;
    const { events } = await during('refresh_failed', () => browser.visit(at('/dashboard')));
    expect(events[0]).toMatchObject({ code: 'temporarily_unavailable', isFinal: false });
  });

  it('OP-03: a request that the API rejects is logged', async () => {
    const browser = await signedIn();
    await editSession(stack, browser, (session) => ({
      ...session,
      tokens: { ...(session.tokens as Event), accessToken: 'none', refreshToken: null },
    }));
    const { events } = await during('token_rejected', () => browser.visit(at('/dashboard/contacts')));
    expect(events[0]).toMatchObject({ reason: 'invalid_token', resource: 'contacts' });
  });
});

describe('signing out', () => {
  it.each([
    ['here', false],
    ['everywhere', true],
  ])('OP-03: signing out %s is logged, and whether the grant was revoked', async (_where, isEverywhere) => {
    const browser = await signedIn();
    const page = await browser.visit(at('/dashboard/session'));
    const action = isEverywhere ? /name="where"/ : /sign-out/;
    const { events } = await during('signed_out', () => browser.submit(page, action));
    expect(events).toEqual([expect.objectContaining({ isEverywhere, revocation: 'revoked' })]);
  });

  it('OP-03: being signed out by the authorization server is logged', async () => {
    const browser = await signedIn();
    const page = await browser.visit(at('/dashboard/session'));
    const { events } = await during('back_channel_logout', () => browser.submit(page, /sign-out/));
    expect(events[0]).toMatchObject({ of: 'session' });
  });

  it('OP-03: an invalid logout token is logged with its reason', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const { events, result } = await during('back_channel_logout_rejected', () =>
      new HttpBrowser().visit(at('/auth/back-channel-logout'), { headers, form: { logout_token: 'a.b.c' } }),
    );
    expect(events[0]).toMatchObject({ reason: 'logout_token_malformed', level: 'warn' });
    expect(result.html).not.toContain('malformed');
  });
});

describe('a rejected session', () => {
  const sessionPage = (browser: HttpBrowser) => browser.visit(at('/dashboard/session'));
  const edit = (browser: HttpBrowser, changes: Record<string, number>) =>
    editSession(stack, browser, (session) => ({ ...session, ...changes }));

  it.each<[string, string, (browser: HttpBrowser) => Promise<unknown>]>([
    ['expired', 'idle', (browser) => edit(browser, { lastSeenAtSec: nowSec() - 31 * 86_400 })],
    ['expired', 'lifetime', (browser) => edit(browser, { endsAtSec: nowSec() - 1 })],
    [
      'revoked',
      'signed_out_elsewhere',
      async (browser) =>
        browser.copy().submit(await sessionPage(browser), /action="\/auth\/sign-out"|Sign out/),
    ],
    [
      'revoked',
      'signed_out_everywhere',
      async () => {
        const other = await signedIn();
        return other.submit(await sessionPage(other), /name="where"/);
      },
    ],
    [
      'revoked',
      'back_channel_logout',
      async (browser) => {
        const confirm = await browser.visit(`${stack.settings.issuer}/oidc/logout`);
        const { events } = await during('back_channel_logout', () =>
          browser.submit(confirm, /logout\/confirm/, { logout: 'yes' }),
        );
        return events;
      },
    ],
  ])('OP-03: %s for the reason %s is logged once, and the page says why', async (kind, reason, reject) => {
    const browser = await signedIn();
    await reject(browser);
    const { events, result } = await during('session_rejected', () => browser.visit(at('/dashboard')));
    expect(events).toEqual([expect.objectContaining({ kind, reason, userPseudonym: pseudonym })]);
    expect([result.url.pathname, result.url.searchParams.get('reason')]).toEqual(['/sign-in', reason]);
    expect(result.html).toContain('Your session has ended');
  });

  it('OP-03: unreadable is logged without a user, and the page does not say in which way', async () => {
    const browser = new HttpBrowser();
    browser.cookies(stack.appOrigin).set('strongroom', { value: 'junk', path: '/' });
    const { events, result } = await during('session_rejected', () => browser.visit(at('/dashboard')));
    expect(events).toEqual([expect.objectContaining({ kind: 'unreadable', reason: 'seal_invalid' })]);
    expect(events[0]).not.toHaveProperty('userPseudonym');
    expect(result.url.searchParams.get('reason')).toBe('unreadable');
    expect(result.html).toContain('It could not be opened any more.');
  });

  it('OP-03: of a form is logged once, although the proxy and the action both reject it', async () => {
    const browser = await signedIn();
    const messages = await browser.visit(at('/dashboard/messages'));
    await browser.copy().submit(await sessionPage(browser), /action="\/auth\/sign-out"|Sign out/);
    const { events, result } = await during('session_rejected', () =>
      browser.submit(messages, /Post message/, { text: 'Not lost' }),
    );
    expect(events).toEqual([expect.objectContaining({ reason: 'signed_out_elsewhere' })]);
    expect(result.url.searchParams.get('reason')).toBe('signed_out_elsewhere');
    expect(result.html).toContain('Nothing you wrote was lost.');
  });

  it.each(['ended', '<b>x</b>', 'You have won'])(
    'CB-12: the page says nothing for the reason %j',
    async (text) => {
      const { html } = await new HttpBrowser().visit(at(`/sign-in?reason=${encodeURIComponent(text)}`));
      expect(html).not.toContain('Your session has ended');
      expect(html).not.toContain('You have won');
    },
  );
});

describe('other sites', () => {
  it.each([
    ['sign_out_rejected', 'sign_out', '/auth/sign-out'],
    ['form_rejected', 'cross_site_form', '/dashboard/messages'],
  ])('OP-03: %s is logged with the reference on the page', async (name, reason, path) => {
    const browser = await signedIn();
    const { events, result } = await during(name, () =>
      browser.visit(at(path), { headers: crossSite, form: { text: 'x' } }),
    );
    expectReference(events, result);
    expect(events[0]).toMatchObject({ reason, code: 'cross_site_request', level: 'warn' });
    expect(result.status).toBe(403);
  });

  it.each(['/dashboard', '/', '/auth/sign-in', '/auth/callback/provider?code=x&state=y'])(
    'OP-03: a page of another site that frames %s is logged',
    async (path) => {
      const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' };
      const { events, result } = await during('subresource_rejected', () =>
        new HttpBrowser().visit(at(path), { headers }),
      );
      expect(events).toHaveLength(1);
      expect([result.status, result.html]).toEqual([403, '']);
    },
  );
});

describe('requests that the server guard rejects', () => {
  it('OP-03: an address that is too long is logged with the reference on the page', async () => {
    const { events, result } = await during('request_rejected', () =>
      new HttpBrowser().visit(at(`/dashboard?x=${'a'.repeat(9_000)}`)),
    );
    expectReference(events, result);
    expect(events[0]).toMatchObject({ status: 414, level: 'warn' });
    expect(result.status).toBe(414);
  });

  it('OP-03: a Host header of another server is logged with the reference on the page', async () => {
    const { events, result } = await during('request_rejected', () =>
      sendRaw(stack.appOrigin, '/', { headers: { host: 'evil.example', accept: 'text/html' } }),
    );
    expect(events).toEqual([expect.objectContaining({ status: 421, level: 'warn' })]);
    expect(result.body).toContain(`${events[0]?.reference}`);
  });
});

it('OP-03: no line of all of this has a name, an e-mail address, a code or a token in it', () => {
  const text = stack
    .appEvents()
    .map((event) => JSON.stringify(event))
    .join('\n');
  expect(text.split('\n').length).toBeGreaterThan(30);
  expect(text).not.toMatch(/eyJ|Fe26|Lindqvist|evil\.example|"code":"(?![a-z_]+")/);
  expect(text).not.toContain(ada);
});
