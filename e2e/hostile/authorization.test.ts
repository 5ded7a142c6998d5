/** What is asked of the authorization server, and what becomes of it when the server answers the request with a lie. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { expireAccessToken, openSeal } from '../support/seals.ts';
import { type Attack, arrive, describeAttacks, settle } from './attacks.ts';
import { callbackOf, linkIn, signIn, start, transactionsOf } from './journey.ts';
import type { Claims } from './json-web-token.ts';
import { challengeOf } from './oracle.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { observe, type Trial } from './trial.ts';
import { startWorld, type World } from './world.ts';

let pushing: World;
let plain: World;
beforeAll(async () => {
  [pushing, plain] = await Promise.all([
    startWorld({ AUTH_PAR: 'always' }),
    startWorld({ AUTH_CLIENT_AUTH: 'client_secret_post' }),
  ]);
});
afterAll(async () => void (await Promise.all([pushing?.close(), plain?.close()])));

/** So many browsers of nobody in particular, one after the other; what all of them received is judged together. */
async function inBrowsers(world: World, count: number, act: (browser: HttpBrowser) => Promise<unknown>) {
  const { browser: all } = arrive(world);
  await observe(world, { browser: all, outcome: null, signedIn: null }, async () => {
    for (let number = 0; number < count; number += 1) {
      const browser = new HttpBrowser();
      await act(browser);
      all.received.push(...browser.received);
    }
    return undefined;
  });
}

const own = { headers: { 'sec-fetch-site': 'same-origin' } };
const lastRequest = (world: World) => world.server.grants.at(-1)?.request ?? new URLSearchParams();

describe('a request that is right', () => {
  it.each([
    ['AZ-13', 'pushed, with client_secret_basic', () => pushing],
    ['AZ-01', 'in the address, with client_secret_post', () => plain],
  ])(
    'CA-01, AZ-10, %s: %s, a secret full of signs and a resource: signs in, renews and signs out',
    async (_row, _how, worldOf) => {
      const world = worldOf();
      const { person, browser } = arrive(world);
      const trial: Trial = { browser, outcome: 'U-OK', signedIn: person };
      const page = await observe(world, trial, () => signIn(world, browser));
      await expireAccessToken(world, browser);
      await observe(world, trial, () => browser.visit(page.url));
      expect(world.server.grants.at(-1)?.accessTokens).toHaveLength(2);
      const signedOut = { ...trial, outcome: 'U-OUT', signedIn: null } as const;
      await observe(world, signedOut, () => browser.submit(page, /sign-out/));
      expect(world.server.revoked.at(-1)).toBe(world.server.grants.at(-1)?.refreshTokens.at(-1));
    },
  );

  it('AZ-02, AZ-03: in a hundred requests nothing comes twice, and each verifier belongs to its challenge', async () => {
    await inBrowsers(pushing, 100, async (browser) => {
      await start(pushing, browser);
      const [sealed = ''] = transactionsOf(pushing, browser);
      const transaction = await openSeal('transaction', pushing.secrets.appSecret, sealed);
      expect(challengeOf(String(transaction.codeVerifier))).toBe(lastRequest(pushing).get('code_challenge'));
      expect(transaction.nonce).toBe(lastRequest(pushing).get('nonce'));
    });
  });

  it('AZ-05, AZ-09: whatever the address of the sign-in says, the request is the same', async () => {
    const smuggled =
      'scope=admin&redirect_uri=https://evil.example&response_type=token&client_id=x&request_uri=https://sink.example&request=x&prompt=none&audience=evil&resource=evil&claims=x&nonce=x&state=x&code_challenge=x&response_mode=fragment&return_to=/x%26scope%3Dadmin%23';
    for (const world of [pushing, plain]) {
      await inBrowsers(world, 1, (browser) => start(world, browser));
      const right = lastRequest(world);
      await inBrowsers(world, 1, (browser) =>
        browser.visit(`${world.appOrigin}/auth/sign-in?${smuggled}`, { ...own, stopAtCallback: true }),
      );
      const fresh = ['state', 'nonce', 'code_challenge'];
      const settled = (request: URLSearchParams) => [...request].filter(([name]) => !fresh.includes(name));
      expect(lastRequest(world)).not.toBe(right);
      expect(settled(lastRequest(world))).toEqual(settled(right));
    }
  });

  it('AZ-16: leaves by 303 without a referrer, and a form that is sent there starts nothing', async () => {
    const address = `${plain.appOrigin}/auth/sign-in`;
    const before = plain.server.grants.length;
    await inBrowsers(plain, 1, async (browser) => {
      const page = await browser.visit(address, { ...own, maxRotationsBehind: 0 });
      expect([page.status, page.headers.get('referrer-policy')]).toEqual([303, 'no-referrer']);
    });
    await inBrowsers(plain, 1, async (browser) => {
      const posted = await browser.visit(address, { ...own, form: { password: 'x' }, maxRotationsBehind: 0 });
      expect(posted.status).toBe(405);
      expect(transactionsOf(plain, browser)).toEqual([]);
    });
    expect(plain.server.grants).toHaveLength(before);
  });
});

describe('a pushed request', () => {
  const pushed = (attack: string, push: Reply, outcome: OutcomeName): Attack => ({
    row: 'AZ-13',
    attack,
    fault: { push },
    outcome,
    exchanges: 0,
  });
  const reference = (value: unknown, outcome: OutcomeName = 'U-REJECT') =>
    pushed(`whose reference is ${JSON.stringify(value)}`, { members: { request_uri: value } }, outcome);
  describeAttacks(
    () => pushing,
    [
      ...[400, 401, 403, 413].map((status) =>
        pushed(`that is answered ${status}`, { status, body: '{"error":"invalid_request"}' }, 'U-CONFIG'),
      ),
      ...[429, 500, 503].map((status) =>
        pushed(`that is answered ${status}`, { status, body: '' }, 'U-ASDOWN'),
      ),
      pushed(
        'that is answered in HTML',
        { body: '<h1>x-marker</h1>', headers: { 'content-type': 'text/html' } },
        'U-CONFIG',
      ),
      pushed('that is answered with nothing', { body: '' }, 'U-CONFIG'),
      pushed('whose connection closes', { manner: 'reset' }, 'U-ASDOWN'),
      reference(undefined, 'U-CONFIG'),
      reference(7, 'U-CONFIG'),
      reference('javascript:alert(1)'),
      reference('data:text/html,x'),
      reference('http://evil.example/request'),
      reference('urn:x y'),
      {
        ...pushed('that is answered with an address elsewhere', {}, 'U-REJECT'),
        row: 'TK-06',
        fault: ({ sink }) => ({ push: { status: 307, headers: { location: `${sink.origin}/par` } } }),
      },
    ],
  );

  /** Between our redirect and the server: what happens to the reference. */
  const meanwhile =
    (change: (address: URL) => void) =>
    async (world: World, browser: HttpBrowser): Promise<Page> => {
      const page = await browser.follow(`${world.appOrigin}/auth/sign-in?return_to=/dashboard/access`, {
        maxRotationsBehind: 0,
      });
      const address = new URL(page.hops[0]?.location ?? '');
      change(address);
      return browser.visit(address);
    };
  const expire = (world: World) => {
    for (const one of world.server.pushed.values()) one.isUsedUp = true;
  };
  describeAttacks(
    () => pushing,
    [
      {
        row: 'AZ-14',
        attack: 'a reference that has expired',
        outcome: 'U-RESTART',
        exchanges: 0,
        act: meanwhile(() => expire(pushing)),
      },
      {
        row: 'AZ-14',
        attack: 'a reference that nobody knows',
        outcome: 'U-RESTART',
        exchanges: 0,
        openTransactions: 1,
        act: meanwhile((address) => address.searchParams.set('request_uri', 'urn:example:unknown')),
      },
    ],
  );

  it('AZ-14: a reference that was used (Back at the server) starts over by one click, without a circle', async () => {
    const { person, browser } = arrive(pushing);
    const begun = await start(pushing, browser);
    const trial: Trial = { browser, outcome: 'U-RESTART', signedIn: null };
    const page = await observe(pushing, trial, () => browser.visit(begun.url));
    const again: Trial = { browser, outcome: 'U-OK', signedIn: person };
    await observe(pushing, again, async () => {
      const next = await browser.follow(linkIn(page, /^\/auth\/sign-in/), { stopAtCallback: true });
      return browser.visit(callbackOf(next) as URL);
    });
  });
});

describe('a sign-in that must be better', () => {
  const nowSec = Math.floor(Date.now() / 1000);
  const challenge = 'Bearer error="insufficient_user_authentication", acr_values="gold", max_age="300"';
  const stepUp = async (claims: Claims, outcome: OutcomeName) => {
    const { person, browser } = await settle(plain);
    plain.answerApi = () => ({ status: 401, headers: { 'www-authenticate': challenge } });
    const asked = await browser.visit(`${plain.appOrigin}/dashboard/contacts`);
    plain.answerApi = null;
    Object.assign(plain.server, { person, fault: { idToken: { claims } } });
    const isRejected = outcome !== 'U-OK';
    await observe(plain, { browser, outcome, signedIn: person, isKept: isRejected }, async () => {
      const page = await browser.follow(linkIn(asked, /stepUp=/), { stopAtCallback: true });
      return browser.visit(callbackOf(page) as URL);
    });
    expect([lastRequest(plain).get('max_age'), lastRequest(plain).get('acr_values')]).toEqual([
      '300',
      'gold',
    ]);
  };

  it('AZ-11: as asked, it is taken', () => stepUp({ acr: 'gold' }, 'U-OK'));

  it.each<[string, Claims, OutcomeName?]>([
    ['an old sign-in', { acr: 'gold', auth_time: nowSec - 3_600 }],
    ['no time', { acr: 'gold', auth_time: undefined }],
    ['a time that is text', { acr: 'gold', auth_time: String(nowSec) }, 'U-REJECT'],
    ['a time that has not come', { acr: 'gold', auth_time: nowSec + 3_600 }],
    ['a weaker one', { acr: 'silver' }],
    ['none that is named', {}],
    ['a list of strengths', { acr: ['gold'] }],
  ])('AZ-11: %s is rejected, and the session stays as it was', (_what, claims, outcome = 'U-STRONGER') =>
    stepUp(claims, outcome),
  );
});
