/** Who it is by an answer that is right, and what follows from what it says: names, permissions, lifetimes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpBrowser, Page } from '../support/http-browser.ts';
import { editSession, expireAccessToken } from '../support/seals.ts';
import { type Attack, arrive, describeAttacks } from './attacks.ts';
import type { Fault, Person } from './grant.ts';
import { reachCallback, sessionOf, signIn } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const text = (body: Reply['body'], type: string): Reply => ({ body, headers: { 'content-type': type } });

describe('who it is', () => {
  const asked = (
    attack: string,
    userinfo: Reply,
    outcome: OutcomeName,
    more: Partial<Attack> = {},
  ): Attack => ({
    row: 'TK-17',
    attack,
    fault: { idToken: { claims: { name: undefined } }, userinfo },
    outcome,
    ...more,
  });
  const byEmail = { seenAs: ({ email }: Person) => email };
  const described = (
    attack: string,
    claims: (right: Record<string, unknown>) => Record<string, unknown>,
    more: Partial<Attack> = {},
  ): Attack => ({
    row: 'TK-18',
    attack,
    fault: { idToken: { claims } },
    outcome: 'U-OK',
    ...more,
  });
  const home = async (at: World, browser: HttpBrowser): Promise<Page> => signIn(at, browser, '/dashboard');
  describeAttacks(
    () => world,
    [
      asked('userinfo that is right', {}, 'U-OK'),
      asked('userinfo about somebody else', { members: { sub: 'admin' } }, 'U-REJECT', {
        reason: /^userinfo_sub$/,
      }),
      asked('userinfo about nobody is left out', { members: { sub: undefined } }, 'U-OK', byEmail),
      asked('userinfo that answers 401 is left out', { status: 401, body: '' }, 'U-OK', byEmail),
      asked('userinfo that answers 500 is left out', { status: 500, body: 'x-marker' }, 'U-OK', byEmail),
      asked('userinfo in HTML is left out', text('<h1>x-marker</h1>', 'text/html'), 'U-OK', byEmail),
      asked(
        'unsigned userinfo in a token is left out',
        text('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.', 'application/jwt'),
        'U-OK',
        byEmail,
      ),
      asked('userinfo of 1 MB is left out', { members: { more: 'x'.repeat(1_000_000) } }, 'U-OK', byEmail),
      {
        ...asked('userinfo elsewhere is left out', {}, 'U-OK', byEmail),
        row: 'TK-06',
        fault: ({ sink }) => ({
          idToken: { claims: { name: undefined } },
          userinfo: { status: 307, headers: { location: `${sink.origin}/userinfo` } },
        }),
      },
      described('a name of 40 kB is cut', (right) => ({
        ...right,
        name: `${right.name}${'x'.repeat(40_000)}`,
      })),
      described('a name that runs backwards runs forwards', (right) => ({
        ...right,
        name: `\u202e${right.name}`,
      })),
      described('a name with a family in one character', (right) => ({
        ...right,
        name: `${right.name} 👩‍👩‍👧‍👦`,
      })),
      described(
        'a name that is no text is left out',
        (right) => ({ ...right, name: { toString: 'x' } }),
        byEmail,
      ),
      described(
        'a picture that is a script is left out',
        (right) => ({ ...right, picture: 'javascript:alert(1)//x-marker' }),
        { act: home, lacks: /x-marker/ },
      ),
      described(
        'a picture that is data is left out',
        (right) => ({ ...right, picture: 'data:text/html,x-marker' }),
        { act: home, lacks: /x-marker/ },
      ),
    ],
  );

  it('TK-19: the same e-mail address under another subject is somebody else, who gets nothing of the first', async () => {
    const first = arrive(world);
    await signIn(world, first.browser);
    const [before, given] = [
      sessionOf(world, first.browser),
      world.server.grants.at(-1)?.refreshTokens[0] ?? '',
    ];
    const second = arrive(world);
    Object.assign(second.person, { email: first.person.email });
    const trial = { browser: first.browser, outcome: 'U-OK' as const, signedIn: second.person };
    await observe(world, trial, () => signIn(world, first.browser));
    expect(sessionOf(world, first.browser)).not.toBe(before);
    await expect.poll(() => world.server.revoked).toContain(given);
  });
});

describe('what follows from the answer', () => {
  const enter = async (fault: Fault) => {
    const { person, browser } = arrive(world, fault);
    await signIn(world, browser);
    return { person, browser };
  };
  const visit = (browser: HttpBrowser, path: string) => browser.visit(world.appOrigin + path);

  it('TK-11: a token that lives for a second is renewed at most once for each page', async () => {
    const { person, browser } = await enter({
      token: { members: { expires_in: 1 } },
      refresh: { members: { expires_in: 1 } },
    });
    for (let count = 0; count < 3; count += 1) {
      await expireAccessToken(world, browser);
      const from = world.server.countOf('/token');
      await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () =>
        visit(browser, '/dashboard/messages'),
      );
      // The page, and the one that every trial ends with.
      expect(world.server.countOf('/token') - from).toBeLessThanOrEqual(2);
    }
  });

  it('TK-11: a lifetime that is no number is five minutes, and one without end is a week', async () => {
    for (const [value, lifetimeSec] of [
      ['abc', 300],
      [2 ** 31, 7 * 86_400],
    ] as const) {
      const { person, browser } = arrive(world, { token: { members: { expires_in: value } } });
      const welcome = { browser, outcome: 'U-OK', signedIn: person } as const;
      await observe(world, welcome, () => signIn(world, browser));
      await editSession(world, browser, (session) => {
        const { expiresAtSec, obtainedAtSec } = session.tokens as Record<string, number>;
        expect(Number(expiresAtSec) - Number(obtainedAtSec)).toBe(lifetimeSec);
        return session;
      });
    }
  });

  it('TK-13: with fewer permissions the page of the missing one asks for it', async () => {
    const { person, browser } = await enter({ token: { members: { scope: 'openid read:messages' } } });
    world.answerApi = (path) =>
      path.startsWith('/contacts')
        ? {
            status: 403,
            headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="read:contacts"' },
          }
        : null;
    const page = await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () =>
      visit(browser, '/dashboard/contacts'),
    );
    world.answerApi = null;
    expect(page.html).toMatch(/This needs the extra permission/);
  });

  it('TK-14: without a refresh token the session lasts as long as its token, and then asks to sign in', async () => {
    const { browser } = await enter({ token: { members: { refresh_token: undefined } } });
    await expireAccessToken(world, browser);
    const from = world.server.countOf('/token');
    await observe(world, { browser, outcome: 'U-AGAIN', signedIn: null }, () =>
      visit(browser, '/dashboard/messages'),
    );
    expect(world.server.countOf('/token')).toBe(from);
  });

  it('TK-07: a server that is gone when the code is exchanged is told as such, and the next sign-in works', async () => {
    const { person, browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    await world.server.close();
    await observe(world, { browser, outcome: 'U-ASDOWN', signedIn: null }, () => browser.visit(callback));
    await world.server.reopen();
    await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () => signIn(world, browser));
  });
});
