/** Who the user is, and what ends when they sign out, as servers differ in saying it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expireAccessToken } from '../support/seals.ts';
import { createVisitor } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import { borrowWorld } from './borrowed-world.ts';
import type { Fault, Grant } from './grant.ts';
import { reachCallback, signIn, untilTestEnds } from './journey.ts';
import { makeToken } from './json-web-token.ts';
import type { SigningKey } from './signing-keys.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await borrowWorld();
});
afterAll(() => world?.close());
beforeEach(() => Object.assign(world.server, { metadata: {} }));

const plain = (html: string) => html.replaceAll('<!-- -->', '');
const signInWith = async (fault: Fault) => {
  const { user, browser } = createVisitor(world, fault);
  return { user, browser, page: await signIn(world, browser) };
};
const overview = () => `${world.appOrigin}/dashboard`;

describe('the name on the page', () => {
  it.each<[string, Fault, RegExp]>([
    [
      'an ID token whose name is null: userinfo’s',
      { idToken: { claims: { name: null } }, userinfo: { members: { name: 'Ada Byron' } } },
      /Signed in as <\/span>Ada Byron</,
    ],
    [
      'given and family name, before the subject',
      {
        idToken: { claims: { name: '', given_name: 'Ada', family_name: 'King' } },
      },
      /Signed in as <\/span>Ada King</,
    ],
    [
      'an e-mail address that only userinfo has',
      { idToken: { claims: { email: undefined } }, userinfo: { members: { email: 'only@example.test' } } },
      />only@example\.test</,
    ],
  ])('TK-17: %s', async (_, fault, expected) => {
    const { browser } = await signInWith(fault);
    expect(plain((await browser.visit(overview())).html)).toMatch(expected);
  });

  it.each<[string, Fault]>([
    ['the refreshed ID token', { refreshedIdToken: { claims: { name: 'Ada Married', nonce: undefined } } }],
    ['userinfo, when there is no ID token', { userinfo: { members: { name: 'Ada Married' } } }],
  ])('RF-10: follows %s', async (_, fault) => {
    const { browser } = await signInWith(fault);
    expect((await browser.visit(overview())).html).not.toContain('Ada Married');
    await expireAccessToken(world, browser);
    expect((await browser.visit(overview())).html).toContain('Ada Married');
  });
});

/** The tokens of the newest grant that the application revoked. */
function listRevoked(): string[] {
  const { grants, revoked } = world.server;
  return revoked.filter((token) => grants.at(-1)?.refreshTokens.includes(token));
}

describe('signing out', () => {
  it('SE-08: when revoking fails, the user is signed out at the server all the same', async () => {
    const { browser, page } = await signInWith({ revocation: { status: 503 } });
    const before = world.server.countOf('/logout');
    await observe(world, { browser, outcome: 'signed_out', signedIn: null }, () =>
      browser.submit(page, /sign-out/),
    );
    expect(listRevoked()).toHaveLength(1);
    expect(world.server.countOf('/logout') - before).toBe(1);
  });

  it('SE-09: sixty times with the cookie of an ended session, the grant is revoked once', async () => {
    const { browser, page } = await signInWith({});
    const copies = Array.from({ length: 60 }, () => browser.copy());
    await browser.submit(page, /sign-out/);
    for (const copy of copies) await copy.submit(page, /sign-out/, {}, { maxRedirects: 0 });
    expect(listRevoked()).toHaveLength(1);
  });
});

describe('a server without a logout endpoint', () => {
  let bare: World;
  beforeAll(async () => {
    bare = await startWorld((server) => {
      server.metadata = { members: { end_session_endpoint: undefined } };
      return {};
    });
  });
  afterAll(() => bare?.close());

  it('SE-08: the page says that the next sign-in may ask nothing, and what to do', async () => {
    const { browser } = createVisitor(bare);
    const page = await signIn(bare, browser);
    const out = await observe(bare, { browser, outcome: 'signed_out', signedIn: null }, () =>
      browser.submit(page, /sign-out/),
    );
    expect(out.html).toContain('You may still be signed in at the sign-in service');
    expect(out.html).toContain('without a question');
    expect(out.html).toContain('sign out there too, or close the browser');
  });
});

describe('a back-channel logout that arrives while the code is exchanged', () => {
  const [rs256] = rightKeys() as [SigningKey];
  const event = 'http://schemas.openid.net/event/backchannel-logout';

  it.each<[string, (grant: Grant) => Record<string, string>, number]>([
    ['by sub', ({ user: { sub } }) => ({ sub }), 0],
    ['by sub, from a clock that is 30 seconds behind', ({ user: { sub } }) => ({ sub }), -30],
    ['by sid', ({ sid }) => ({ sid }), 0],
  ])('BL-01: %s, ends the session that comes of it', async (what, targetOf, skewSec) => {
    const { promise: after, resolve: release } = Promise.withResolvers<void>();
    const { browser } = createVisitor(world, { token: { after } });
    const callback = await reachCallback(world, browser);
    const tokens = world.server.countOf('/token');
    const signingIn = browser.visit(callback);
    await expect.poll(() => world.server.countOf('/token'), untilTestEnds).toBe(tokens + 1);
    const nowSec = Math.floor(Date.now() / 1000) + skewSec;
    const { issuer, client, grants } = world.server;
    const claims = {
      ...{ iss: issuer, aud: client.id, jti: `${what}-${Date.now()}`, iat: nowSec, exp: nowSec + 120 },
      ...targetOf(grants.at(-1) as Grant),
      events: { [event]: {} },
    };
    const response = await fetch(`${world.appOrigin}/auth/back-channel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: makeToken(rs256, { header: {}, claims }) }),
    });
    release();
    expect(response.status).toBe(200);
    const page = await signingIn;
    expect([page.url.pathname, page.url.searchParams.get('reason')]).toEqual([
      '/sign-in',
      'back_channel_logout',
    ]);
    expect(page.html).toContain('The sign-in service ended your session.');
  });
});
