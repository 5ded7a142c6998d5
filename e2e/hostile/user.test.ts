/**
 * Who the user is by a response that is right, and what follows from its names, permissions and lifetimes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpBrowser, Page } from '../support/http-browser.ts';
import { editSession, expireAccessToken } from '../support/seals.ts';
import { type Attack, createVisitor, describeAttacks } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import type { Fault, User } from './grant.ts';
import { reachCallback, sessionOf, signIn, untilTestEnds } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { observe } from './trial.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await borrowWorld();
});
afterAll(() => world?.close());

const text = (body: Reply['body'], type: string): Reply => ({ body, headers: { 'content-type': type } });

describe('the user', () => {
  const byEmail = { seenAs: ({ email }: User) => email };
  const ends =
    (outcome: OutcomeName, common: Partial<Attack> = {}) =>
    (attack: string, userinfo: Reply, more: Partial<Attack> = {}): Attack => ({
      row: 'TK-17',
      attack,
      fault: { idToken: { claims: { name: undefined } }, userinfo },
      outcome,
      ...common,
      ...more,
    });
  const accepted = ends('signed_in');
  const rejected = ends('invalid_response');
  const ignored = ends('signed_in', { ...byEmail, predicate: 'is left out, and the user is signed in' });
  describeAttacks(() => world, 'a userinfo response', [
    accepted('that is right', {}),
    rejected('about another user', { members: { sub: 'admin' } }, { reason: /^userinfo_sub$/ }),
    ignored('without a subject', { members: { sub: undefined } }),
    ignored('with status 401', { status: 401, body: '' }),
    ignored('with status 500', { status: 500, body: 'x-marker' }),
    ignored('in HTML', text('<h1>x-marker</h1>', 'text/html')),
    ignored(
      'that is an unsigned token',
      text('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.', 'application/jwt'),
    ),
    ignored('of 1 MB', { members: { more: 'x'.repeat(1_000_000) } }),
    {
      ...ignored('that redirects to another server', {}),
      row: 'TK-06',
      fault: ({ sink }) => ({
        idToken: { claims: { name: undefined } },
        userinfo: { status: 307, headers: { location: `${sink.origin}/userinfo` } },
      }),
    },
  ]);

  const described = (
    [attack, predicate]: [attack: string, predicate: string],
    claims: (right: Record<string, unknown>) => Record<string, unknown>,
    more: Partial<Attack> = {},
  ): Attack => ({
    row: 'TK-18',
    attack,
    predicate,
    fault: { idToken: { claims } },
    outcome: 'signed_in',
    ...more,
  });
  const home = async (at: World, browser: HttpBrowser): Promise<Page> => signIn(at, browser, '/dashboard');
  const picture = (kind: string, value: string) =>
    described(
      [`with a picture that is ${kind}`, 'is shown without the picture'],
      (right) => ({ ...right, picture: value }),
      {
        act: home,
        lacks: /x-marker/,
      },
    );
  describeAttacks(() => world, 'a profile', [
    described(['with a name of 40 kB', 'is shown with a shorter name'], (right) => ({
      ...right,
      name: `${right.name}${'x'.repeat(40_000)}`,
    })),
    described(['with a name that runs backwards', 'is shown with a name that runs forwards'], (right) => ({
      ...right,
      name: `\u202e${right.name}`,
    })),
    described(
      ['with a name that contains an emoji of seven characters', 'is accepted, and the user is signed in'],
      (right) => ({ ...right, name: `${right.name} 👩‍👩‍👧‍👦` }),
    ),
    described(
      ['with a name that is not text', 'is shown without the name'],
      (right) => ({ ...right, name: { toString: 'x' } }),
      byEmail,
    ),
    picture('a script', 'javascript:alert(1)//x-marker'),
    picture('a data address', 'data:text/html,x-marker'),
  ]);

  it('TK-19: another subject with the same e-mail address is another user, whose session replaces the first one', async () => {
    const first = createVisitor(world);
    await signIn(world, first.browser);
    const [before, firstToken] = [
      sessionOf(world, first.browser),
      world.server.grants.at(-1)?.refreshTokens[0] ?? '',
    ];
    const second = createVisitor(world);
    Object.assign(second.user, { email: first.user.email });
    const trial = { browser: first.browser, outcome: 'signed_in' as const, signedIn: second.user };
    await observe(world, trial, () => signIn(world, first.browser));
    expect(sessionOf(world, first.browser)).not.toBe(before);
    await expect.poll(() => world.server.revoked, untilTestEnds).toContain(firstToken);
  });
});

describe('what follows from the response', () => {
  const signInWith = async (fault: Fault) => {
    const { user, browser } = createVisitor(world, fault);
    await signIn(world, browser);
    return { user, browser };
  };
  const visit = (browser: HttpBrowser, path: string) => browser.visit(world.appOrigin + path);

  it('TK-11: a token that lives for a second is refreshed at most once for each page', async () => {
    const { user, browser } = await signInWith({
      token: { members: { expires_in: 1 } },
      refresh: { members: { expires_in: 1 } },
    });
    for (let count = 0; count < 3; count += 1) {
      await expireAccessToken(world, browser);
      const from = world.server.countOf('/token');
      await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () =>
        visit(browser, '/dashboard/messages'),
      );
      // One refresh for this page, and one for the page that every trial ends with.
      expect(world.server.countOf('/token') - from).toBeLessThanOrEqual(2);
    }
  });

  it('TK-11: a lifetime that is not a number counts as five minutes, and one of many years as a week', async () => {
    for (const [value, lifetimeSec] of [
      ['abc', 300],
      [2 ** 31, 7 * 86_400],
    ] as const) {
      const { user, browser } = createVisitor(world, { token: { members: { expires_in: value } } });
      const trial = { browser, outcome: 'signed_in', signedIn: user } as const;
      await observe(world, trial, () => signIn(world, browser));
      await editSession(world, browser, (session) => {
        const { expiresAtSec, obtainedAtSec } = session.tokens as Record<string, number>;
        expect(Number(expiresAtSec) - Number(obtainedAtSec)).toBe(lifetimeSec);
        return session;
      });
    }
  });

  it('TK-13: the page that needs a permission which was not granted asks for that permission', async () => {
    const { user, browser } = await signInWith({ token: { members: { scope: 'openid read:messages' } } });
    world.changeApiResponse = (path) =>
      path.startsWith('/contacts')
        ? {
            status: 403,
            headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="read:contacts"' },
          }
        : null;
    const page = await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () =>
      visit(browser, '/dashboard/contacts'),
    );
    world.changeApiResponse = null;
    expect(page.html).toMatch(/This needs the extra permission/);
  });

  it('TK-14: a session without a refresh token lasts as long as its access token, and then the page asks to sign in', async () => {
    const { browser } = await signInWith({ token: { members: { refresh_token: undefined } } });
    await expireAccessToken(world, browser);
    const from = world.server.countOf('/token');
    await observe(world, { browser, outcome: 'session_rejected', signedIn: null }, () =>
      visit(browser, '/dashboard/messages'),
    );
    expect(world.server.countOf('/token')).toBe(from);
  });

  it('TK-07: a server that is away when the code is exchanged is reported as an outage, and the next sign-in works', async () => {
    const { user, browser } = createVisitor(world);
    const callback = await reachCallback(world, browser);
    await world.server.close();
    await observe(world, { browser, outcome: 'temporarily_unavailable', signedIn: null }, () =>
      browser.visit(callback),
    );
    await world.server.reopen();
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
  });
});
