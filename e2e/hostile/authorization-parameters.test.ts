/**
 * What an operator adds to every request, what a link may add, and sign-ins that start at the authorization
 * server.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { createVisitor, signInVisitor } from './attacks.ts';
import { callbackOf, linkIn, signIn, start } from './journey.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    AUTH_AUTHORIZATION_PARAMS: 'access_type=offline&prompt=consent',
    AUTH_LINK_PARAMS: 'prompt connection kc_idp_hint organization invitation screen_hint',
  });
});
afterAll(() => world?.close());

const lastRequest = () => Object.fromEntries(world.server.grants.at(-1)?.request ?? []);
const at = (path: string, query: Record<string, string>) =>
  `${world.appOrigin}${path}?${new URLSearchParams(query)}`;

describe('parameters of the operator', () => {
  it('AZ-05: are in every request, and the sign-in is completed with them', async () => {
    const { user, browser } = createVisitor(world);
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
    expect(lastRequest()).toMatchObject({ access_type: 'offline', prompt: 'consent' });
  });
});

it('TK-14: a server that grants no refresh token although offline_access was asked for is named in the log, with the setting', async () => {
  const { user, browser } = createVisitor(world, { token: { members: { refresh_token: undefined } } });
  await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
  expect(world.app.events('refresh_token_missing')).toEqual([
    expect.objectContaining({ level: 'warn', setting: 'AUTH_AUTHORIZATION_PARAMS=prompt=consent' }),
  ]);
});

describe('parameters of a link', () => {
  const added = { connection: 'google', organization: 'org_1', invitation: 'i'.repeat(512) };

  it('AZ-05: those of the list are passed on by a link of ours, with every prompt', async () => {
    const browser = new HttpBrowser();
    await browser.follow(at('/auth/sign-in', { ...added, prompt: 'login' }), { stopAtCallback: true });
    expect(lastRequest()).toMatchObject({ ...added, access_type: 'offline', prompt: 'consent login' });
  });

  it('AZ-05: a link in an e-mail leads to the page that asks first, which passes them on', async () => {
    const { user, browser } = createVisitor(world);
    const headers = { 'sec-fetch-site': 'cross-site' };
    for (const path of ['/auth/sign-in', '/sign-in']) {
      const page = await browser.visit(at(path, { ...added, return_to: '/dashboard/access' }), { headers });
      expect(page.url.pathname).toBe('/sign-in');
      const started = await browser.follow(linkIn(page, /^\/auth\/sign-in/), { stopAtCallback: true });
      expect(lastRequest()).toMatchObject(added);
      await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () =>
        browser.visit(callbackOf(started) as URL),
      );
    }
  });

  it('AZ-05: another try after a failure asks for the same', async () => {
    const { browser } = createVisitor(world, {
      redirect: (right) => {
        right.delete('code');
        right.set('error', 'server_error');
        return right;
      },
    });
    const started = await browser.follow(at('/auth/sign-in', added), { stopAtCallback: true });
    const problem = await browser.visit(callbackOf(started) as URL);
    await browser.follow(linkIn(problem, /^\/auth\/sign-in/), { stopAtCallback: true });
    expect(lastRequest()).toMatchObject(added);
  });

  it('AZ-05, AZ-09: nothing that the protocol needs, nothing beyond the list and no prompt=none is passed on', async () => {
    await start(world, new HttpBrowser());
    const right = lastRequest();
    const wrong = {
      ...{ state: 'x', redirect_uri: 'https://evil.example', scope: 'admin', nonce: 'x', client_id: 'x' },
      ...{ code_challenge: 'x', response_type: 'token', request: 'x', request_uri: 'https://evil.example' },
      ...{ response_mode: 'fragment', audience: 'evil', resource: 'evil', login_hint: 'x', ui_locales: 'x' },
      ...{ prompt: 'none', connection: 'a\nb', organization: 'x'.repeat(513) },
    };
    await new HttpBrowser().follow(at('/auth/sign-in', { ...wrong, return_to: '/dashboard/access' }), {
      stopAtCallback: true,
    });
    const fresh = ['state', 'nonce', 'code_challenge'];
    const settled = (request: Record<string, string>) =>
      Object.entries(request).filter(([name]) => !fresh.includes(name));
    expect(settled(lastRequest())).toEqual(settled(right));
    for (const name of fresh) expect(lastRequest()[name]).not.toBe('x');
  });
});

describe('a sign-in that starts at the authorization server', () => {
  const headers = { 'sec-fetch-site': 'cross-site' };
  const initiate = () => ({
    iss: world.server.issuer,
    login_hint: 'ada@example.test',
    target_link_uri: `${world.appOrigin}/dashboard/messages?page=2`,
  });

  it.each(['GET', 'POST'])(
    'AZ-18: by %s asks first, and then starts a fresh request with its hint, which ends on its page',
    async (method) => {
      const { user, browser } = createVisitor(world);
      const page =
        method === 'GET'
          ? await browser.visit(at('/auth/sign-in', initiate()), { headers })
          : await browser.visit(`${world.appOrigin}/auth/sign-in`, { headers, form: initiate() });
      expect(page.url.pathname).toBe('/sign-in');
      const started = await browser.follow(linkIn(page, /^\/auth\/sign-in/), { stopAtCallback: true });
      expect(lastRequest()).toMatchObject({ login_hint: 'ada@example.test' });
      expect(lastRequest()).not.toHaveProperty('iss');
      await observe(world, { browser, outcome: 'signed_in', signedIn: user }, async () => {
        const wanted = await browser.visit(callbackOf(started) as URL);
        expect(wanted.url.pathname + wanted.url.search).toBe('/dashboard/messages?page=2');
        return wanted;
      });
    },
  );

  it('AZ-18: with a live session is a fresh request all the same', async () => {
    const { browser } = await signInVisitor(world);
    const page = await browser.visit(at('/auth/sign-in', initiate()), { headers });
    expect(page.url.pathname).toBe('/sign-in');
    const before = world.server.grants.length;
    await browser.follow(linkIn(page, /^\/auth\/sign-in/), { stopAtCallback: true });
    expect(world.server.grants).toHaveLength(before + 1);
  });

  it.each([
    ['another issuer', { iss: 'https://evil.example' }, false],
    ['a target on another site', { target_link_uri: 'https://evil.example/dashboard' }, true],
    ['a target that acts', { target_link_uri: '/auth/sign-out' }, true],
  ])('AZ-18: with %s leads to the usual page', async (_what, wrong, hasHint) => {
    const page = await new HttpBrowser().visit(at('/auth/sign-in', { ...initiate(), ...wrong }), { headers });
    expect(page.url.pathname).toBe('/sign-in');
    expect(page.url.href).not.toContain('evil');
    const link = linkIn(page, /^\/auth\/sign-in/).searchParams;
    expect([link.get('return_to'), link.has('login_hint')]).toEqual(['/dashboard', hasHint]);
  });
});
