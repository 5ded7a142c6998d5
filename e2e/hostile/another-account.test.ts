/**
 * A user asks for one more permission or for a fresher sign-in, and the server answers for another user: the
 * browser never silently becomes that of the other one.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { createVisitor, newUser, type Visitor } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import type { Grant, User } from './grant.ts';
import { callbackOf, linkIn, signIn, untilTestEnds } from './journey.ts';
import type { Claims } from './json-web-token.ts';
import { observe } from './trial.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await borrowWorld();
});
afterAll(() => world?.close());
beforeEach(() => Object.assign(world, { changeApiResponse: null }));

const at = (path: string) => world.appOrigin + path;
const lastGrant = () => world.server.grants.at(-1) as Grant;

async function signInAsOne(): Promise<Visitor> {
  const longAgo = (right: Claims) => ({ ...right, auth_time: Number(right.auth_time) - 600 });
  const visitor = createVisitor(world, {
    token: { members: { scope: 'openid read:contacts' } },
    idToken: { claims: longAgo },
  });
  await signIn(world, visitor.browser);
  world.server.fault = {};
  return visitor;
}

/** Follows a link that asks for more, and comes back with the answer of `user`. */
async function askForMore(browser: HttpBrowser, link: string | URL, user: User): Promise<Page> {
  world.server.user = user;
  const callback = callbackOf(await browser.follow(link, { stopAtCallback: true }));
  if (callback === null) throw new Error('The server did not send the browser back.');
  return browser.visit(callback);
}

/** The page that the API asks a fresher sign-in for, and its link. */
async function findStepUp(browser: HttpBrowser): Promise<URL> {
  const challenge = 'Bearer error="insufficient_user_authentication", max_age="60"';
  world.changeApiResponse = () => ({ status: 401, headers: { 'www-authenticate': challenge }, body: '{}' });
  const page = await browser.visit(at('/dashboard/contacts'));
  world.changeApiResponse = null;
  return linkIn(page, /step_up=/);
}

describe.each<[string, (browser: HttpBrowser) => Promise<string | URL>]>([
  [
    'one more permission',
    async () => at('/auth/sign-in?permission=write%3Amessages&return_to=%2Fdashboard%2Fmessages'),
  ],
  ['a fresher sign-in', findStepUp],
])('asking for %s', (_what, findLink) => {
  it('CB-26: names the user to the server, and the same user goes on', async () => {
    const { user, browser } = await signInAsOne();
    const { idTokens } = lastGrant();
    const link = await findLink(browser);
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () =>
      askForMore(browser, link, user),
    );
    expect(lastGrant().request.get('login_hint')).toBe(user.email);
    expect(lastGrant().request.get('id_token_hint')).toBe(idTokens[0]);
  });

  it('CB-26: answered by another user, keeps the session, and the page names both and asks', async () => {
    const { user, browser } = await signInAsOne();
    const link = await findLink(browser);
    const other = newUser();
    const trial = { browser, outcome: 'another_account', signedIn: user, isKept: true } as const;
    const page = await observe(world, trial, () => askForMore(browser, link, other));
    const text = page.html.replaceAll('<!-- -->', '');
    for (const { email } of [user, other]) expect(text).toContain(`(${email})`);
    // The tokens that came are given back, and the API never saw them.
    await expect.poll(() => world.server.revoked, untilTestEnds).toContain(lastGrant().refreshTokens[0]);
    expect(world.api.tokens).not.toContain(`Bearer ${lastGrant().accessTokens[0]}`);
    // A stranger with the same address learns no name.
    const elsewhere = await new HttpBrowser().visit(page.url);
    expect(elsewhere.html).not.toContain(other.email);
  });

  it('CB-26: the user chooses to go on as the other one, by a sign-in of its own', async () => {
    const { browser } = await signInAsOne();
    const other = newUser();
    const page = await askForMore(browser, await findLink(browser), other);
    const [, href = ''] = /href="([^"]*)"[^>]*>Sign in as/.exec(page.html.replaceAll('<!-- -->', '')) ?? [];
    const chosen = new URL(href.replaceAll('&amp;', '&'), page.url);
    await observe(world, { browser, outcome: 'signed_in', signedIn: other }, () =>
      askForMore(browser, chosen, other),
    );
  });
});
