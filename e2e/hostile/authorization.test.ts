/**
 * What the application asks of the authorization server, and what happens when a pushed request gets a lie as
 * its response.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { expireAccessToken, openSeal } from '../support/seals.ts';
import { type Attack, createVisitor, describeAttacks, signInVisitor } from './attacks.ts';
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
    startWorld({ AUTH_CLIENT_AUTH: 'client_secret_post', AUTH_PAR: 'when-required' }),
  ]);
});
afterAll(async () => void (await Promise.all([pushing?.close(), plain?.close()])));

/** Uses so many new browsers, one after the other. What all of them received is checked together. */
async function inBrowsers(world: World, count: number, act: (browser: HttpBrowser) => Promise<unknown>) {
  const { browser: all } = createVisitor(world);
  await observe(world, { browser: all, outcome: null, signedIn: null }, async () => {
    for (let number = 0; number < count; number += 1) {
      const browser = new HttpBrowser();
      await act(browser);
      all.received.push(...browser.received);
    }
    return undefined;
  });
}

const sameOrigin = { headers: { 'sec-fetch-site': 'same-origin' } };
const lastRequest = (world: World) => world.server.grants.at(-1)?.request ?? new URLSearchParams();

describe('a request that is right', () => {
  it.each([
    ['AZ-13', 'pushes its request and authenticates by client_secret_basic', () => pushing],
    ['AZ-01', 'sends its request in the address and authenticates by client_secret_post', () => plain],
  ])(
    'CA-01, AZ-10, %s: a client that %s signs in, refreshes and signs out, and names its resource each time',
    async (_row, _how, worldOf) => {
      const world = worldOf();
      const { user, browser } = createVisitor(world);
      const trial: Trial = { browser, outcome: 'signed_in', signedIn: user };
      const page = await observe(world, trial, () => signIn(world, browser));
      await expireAccessToken(world, browser);
      await observe(world, trial, () => browser.visit(page.url));
      expect(world.server.grants.at(-1)?.accessTokens).toHaveLength(2);
      const signedOut = { ...trial, outcome: 'signed_out', signedIn: null } as const;
      await observe(world, signedOut, () => browser.submit(page, /sign-out/));
      expect(world.server.revoked.at(-1)).toBe(world.server.grants.at(-1)?.refreshTokens.at(-1));
    },
  );

  it('AZ-02, AZ-03: a hundred requests repeat no random value, and each verifier belongs to its challenge', {
    timeout: 240_000,
  }, async () => {
    await inBrowsers(pushing, 100, async (browser) => {
      await start(pushing, browser);
      const [sealed = ''] = transactionsOf(pushing, browser);
      const transaction = await openSeal('transaction', pushing.secrets.appSecret, sealed);
      expect(challengeOf(String(transaction.codeVerifier))).toBe(lastRequest(pushing).get('code_challenge'));
      expect(transaction.nonce).toBe(lastRequest(pushing).get('nonce'));
    });
  });

  it('AZ-05, AZ-09: parameters that are smuggled into the sign-in address do not change the authorization request', async () => {
    const smuggled =
      'scope=admin&redirect_uri=https://evil.example&response_type=token&client_id=x&request_uri=https://sink.example&request=x&prompt=none&audience=evil&resource=evil&claims=x&nonce=x&state=x&code_challenge=x&response_mode=fragment&return_to=/x%26scope%3Dadmin%23';
    for (const world of [pushing, plain]) {
      await inBrowsers(world, 1, (browser) => start(world, browser));
      const right = lastRequest(world);
      await inBrowsers(world, 1, (browser) =>
        browser.visit(`${world.appOrigin}/auth/sign-in?${smuggled}`, { ...sameOrigin, stopAtCallback: true }),
      );
      const fresh = ['state', 'nonce', 'code_challenge'];
      const settled = (request: URLSearchParams) => [...request].filter(([name]) => !fresh.includes(name));
      expect(lastRequest(world)).not.toBe(right);
      expect(settled(lastRequest(world))).toEqual(settled(right));
    }
  });

  it('AZ-16: a sign-in leaves by a 303 without a referrer, and a POST to its address starts nothing', async () => {
    const address = `${plain.appOrigin}/auth/sign-in`;
    const before = plain.server.grants.length;
    await inBrowsers(plain, 1, async (browser) => {
      const page = await browser.visit(address, { ...sameOrigin, maxRedirects: 0 });
      expect([page.status, page.headers.get('referrer-policy')]).toEqual([303, 'no-referrer']);
    });
    await inBrowsers(plain, 1, async (browser) => {
      const posted = await browser.visit(address, {
        ...sameOrigin,
        form: { password: 'x' },
        maxRedirects: 0,
      });
      expect([posted.status, posted.responses[0]?.location]).toEqual([303, `${plain.appOrigin}/sign-in`]);
      expect(transactionsOf(plain, browser)).toEqual([]);
    });
    expect(plain.server.grants).toHaveLength(before);
  });
});

describe('a pushed request', () => {
  const ends =
    (outcome: OutcomeName) =>
    (attack: string, push: Reply): Attack => ({
      row: 'AZ-13',
      attack,
      fault: { push },
      outcome,
      exchanges: 0,
    });
  const misconfigured = ends('configuration_invalid');
  const outage = ends('temporarily_unavailable');
  const rejected = ends('invalid_response');
  const reference = (value: unknown): Reply => ({ members: { request_uri: value } });
  describeAttacks(() => pushing, 'a pushed request', [
    ...[400, 401, 403, 413].map((status) =>
      misconfigured(`with the response ${status}`, { status, body: '{"error":"invalid_request"}' }),
    ),
    ...[429, 500, 503].map((status) => outage(`with the response ${status}`, { status, body: '' })),
    misconfigured('with a response in HTML', {
      body: '<h1>x-marker</h1>',
      headers: { 'content-type': 'text/html' },
    }),
    misconfigured('with an empty response', { body: '' }),
    outage('whose connection closes', { manner: 'reset' }),
    misconfigured('without a reference in its response', reference(undefined)),
    misconfigured('with a number as its reference', reference(7)),
    ...['javascript:alert(1)', 'data:text/html,x', 'http://evil.example/request', 'urn:x y'].map((value) =>
      rejected(`with the reference "${value}"`, reference(value)),
    ),
    {
      ...rejected('that is redirected to another server', {}),
      row: 'TK-06',
      fault: ({ sink }) => ({ push: { status: 307, headers: { location: `${sink.origin}/par` } } }),
    },
  ]);

  /** Does something to the reference between our redirect and the server. */
  const meanwhile =
    (change: (address: URL) => void) =>
    async (world: World, browser: HttpBrowser): Promise<Page> => {
      const page = await browser.follow(`${world.appOrigin}/auth/sign-in?return_to=/dashboard/access`, {
        maxRedirects: 0,
      });
      const address = new URL(page.responses[0]?.location ?? '');
      change(address);
      return browser.visit(address);
    };
  const expire = (world: World) => {
    for (const one of world.server.pushed.values()) one.isUsedUp = true;
  };
  describeAttacks(() => pushing, 'a pushed reference', [
    {
      row: 'AZ-14',
      attack: 'that has expired',
      outcome: 'transaction_expired',
      exchanges: 0,
      act: meanwhile(() => expire(pushing)),
    },
    {
      row: 'AZ-14',
      attack: 'that the server does not know',
      outcome: 'transaction_expired',
      exchanges: 0,
      openTransactions: 1,
      act: meanwhile((address) => address.searchParams.set('request_uri', 'urn:example:unknown')),
    },
  ]);

  it('AZ-14: a reference that is used again (Back at the server) is rejected, and one click starts again without a loop', async () => {
    const { user, browser } = createVisitor(pushing);
    const started = await start(pushing, browser);
    const trial: Trial = { browser, outcome: 'transaction_expired', signedIn: null };
    const page = await observe(pushing, trial, () => browser.visit(started.url));
    const again: Trial = { browser, outcome: 'signed_in', signedIn: user };
    await observe(pushing, again, async () => {
      const next = await browser.follow(linkIn(page, /^\/auth\/sign-in/), { stopAtCallback: true });
      return browser.visit(callbackOf(next) as URL);
    });
  });
});

describe('a step-up', () => {
  const nowSec = Math.floor(Date.now() / 1000);
  const challenge = 'Bearer error="insufficient_user_authentication", acr_values="gold", max_age="300"';
  const signInAgain = async (claims: Claims, outcome: OutcomeName) => {
    const { user, browser } = await signInVisitor(plain);
    plain.changeApiResponse = () => ({ status: 401, headers: { 'www-authenticate': challenge } });
    const asked = await browser.visit(`${plain.appOrigin}/dashboard/contacts`);
    plain.changeApiResponse = null;
    Object.assign(plain.server, { user, fault: { idToken: { claims } } });
    const isRejected = outcome !== 'signed_in';
    await observe(plain, { browser, outcome, signedIn: user, isKept: isRejected }, async () => {
      const page = await browser.follow(linkIn(asked, /[?&]step_up=/), { stopAtCallback: true });
      return browser.visit(callbackOf(page) as URL);
    });
    expect([lastRequest(plain).get('max_age'), lastRequest(plain).get('acr_values')]).toEqual([
      '300',
      'gold',
    ]);
  };

  it('AZ-11: a sign-in as fresh and strong as required is accepted', () =>
    signInAgain({ acr: 'gold' }, 'signed_in'));

  it.each<[string, Claims, OutcomeName?]>([
    ['that is too old', { acr: 'gold', auth_time: nowSec - 3_600 }],
    ['without a time', { acr: 'gold', auth_time: undefined }],
    ['whose time is text', { acr: 'gold', auth_time: String(nowSec) }, 'invalid_response'],
    ['whose time is in the future', { acr: 'gold', auth_time: nowSec + 3_600 }],
    ['that is weaker than required', { acr: 'silver' }],
    ['that names no strength', {}],
    ['with a list of strengths', { acr: ['gold'] }, 'invalid_response'],
  ])(
    'AZ-11: a sign-in %s is rejected, and the session stays as it was',
    (_attack, claims, outcome = 'unmet_authentication_requirements') => signInAgain(claims, outcome),
  );
});
