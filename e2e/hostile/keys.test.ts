/**
 * Signing keys that change, are missing, or stand beside entries that are not keys. An unknown key id is
 * looked up again at most once a second.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expireAccessToken } from '../support/seals.ts';
import { createVisitor, signInVisitor } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import type { Fault } from './grant.ts';
import { signIn, untilTestEnds } from './journey.ts';
import { makeToken } from './json-web-token.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { createSigningKey, makeDecoys, type SigningKey, toJwk } from './signing-keys.ts';
import { observe, recordResponse } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());
beforeEach(() =>
  Object.assign(world.server, { keys: [...rightKeys()], decoys: makeDecoys('rs'), jwks: {}, metadata: {} }),
);

let count = 0;
const newKey = (alg = 'ES256', bits?: number): SigningKey => {
  count += 1;
  return createSigningKey(alg, `new-${count}`, bits);
};
const trySignIn = async (outcome: OutcomeName, fault: Fault = {}) => {
  const { user, browser } = createVisitor(world, fault);
  const signedIn = outcome === 'signed_in' ? user : null;
  await observe(world, { browser, outcome, signedIn }, () => signIn(world, browser));
};
/** From now on, the server signs with a new key. */
const rotate = (alg?: string, bits?: number) => {
  world.server.keys = [newKey(alg, bits)];
};

describe('keys that change', () => {
  it('DI-07: users sign in although the keys change right before signing, and again a moment later', async () => {
    await trySignIn('signed_in');
    for (const alg of ['ES256', 'EdDSA']) {
      rotate(alg);
      await trySignIn('signed_in');
    }
  });

  it('DI-07: users sign in although a new key took the place of the old one under the same id', async () => {
    rotate();
    await trySignIn('signed_in');
    for (const alg of ['ES256', 'RS256']) {
      const [{ kid = '' } = {}] = world.server.keys;
      world.server.keys = [createSigningKey(alg, kid)];
      world.server.decoys = [];
      await trySignIn('signed_in');
    }
  });

  it('DI-10: an ID token without a key id is accepted where there is one key', async () => {
    rotate();
    world.server.decoys = [];
    await trySignIn('signed_in');
    await trySignIn('signed_in', { idToken: { header: { kid: undefined } } });
  });

  it('DI-10: an ID token without a key id is rejected where there are several keys of its type', async () => {
    world.server.keys = [newKey(), newKey()];
    await trySignIn('signed_in');
    await trySignIn('invalid_response', { idToken: { header: { kid: undefined } } });
  });

  it('DI-11: the right key is found among a thousand keys, private members, encryption keys and entries that are not keys', async () => {
    rotate();
    const [key] = world.server.keys as [SigningKey];
    const shown = { ...key.privateKey.export({ format: 'jwk' }), kid: 'shown', alg: 'ES256' };
    const crowd = Array.from({ length: 1_000 }, (_, index) => ({ ...toJwk(key), kid: `other-${index}` }));
    world.server.decoys = [...makeDecoys(key.kid).filter(({ kty }) => kty !== 'EC'), shown, ...crowd];
    await trySignIn('signed_in');
  });

  it('DI-11: an ID token that is signed by a key that is too short is rejected as unverified', async () => {
    rotate('RS256', 1024);
    await trySignIn('invalid_response');
  });
});

describe('keys that cannot be fetched', () => {
  it.each<[string, Reply | ((at: World) => Reply), OutcomeName]>([
    [
      'DI-04: a key set with status 404 is reported as an outage',
      { status: 404, body: '' },
      'temporarily_unavailable',
    ],
    [
      'DI-04: a key set with status 500 is reported as an outage',
      { status: 500, body: '' },
      'temporarily_unavailable',
    ],
    [
      'DI-04: a key set in HTML is reported as an outage',
      { body: '<h1>x-marker</h1>', headers: { 'content-type': 'text/html' } },
      'temporarily_unavailable',
    ],
    [
      'DI-04: a key set without a list is reported as an outage',
      { body: '{"keys":7}' },
      'temporarily_unavailable',
    ],
    [
      'DI-04: a key set whose connection closes is reported as an outage',
      { manner: 'reset' },
      'temporarily_unavailable',
    ],
    [
      'DI-04: a key set of 10 MB is rejected as unverified',
      { members: { more: 'x'.repeat(10_000_000) } },
      'invalid_response',
    ],
    [
      'TK-06: a key set that redirects to another server is rejected as unverified',
      ({ sink }) => ({ status: 307, headers: { location: `${sink.origin}/keys` } }),
      'invalid_response',
    ],
  ])('%s once a new key is needed, and known keys still sign in', async (_attack, jwks, outcome) => {
    world.server.keys = [...rightKeys()];
    await trySignIn('signed_in');
    world.server.jwks = typeof jwks === 'function' ? jwks(world) : jwks;
    await trySignIn('signed_in');
    rotate();
    await trySignIn(outcome);
  });

  it('DI-09: a new key signs in as soon as the key set can be fetched again', async () => {
    world.server.jwks = { status: 503, body: '' };
    rotate();
    await trySignIn('temporarily_unavailable');
    world.server.jwks = {};
    await trySignIn('signed_in');
  });

  it('DI-08: a hundred forged tokens with unknown key ids fetch the keys a few times, and the next user signs in', async () => {
    const forger = createSigningKey('ES256', 'forged');
    const before = world.server.countOf(world.server.keysPath);
    const startedMs = Date.now();
    const { user, browser } = createVisitor(world);
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const token = makeToken(
          forger,
          { header: { typ: 'logout+jwt' }, claims: { iss: world.server.issuer } },
          { header: { kid: `forged-${index}` } },
        );
        const response = await fetch(`${world.appOrigin}/auth/back-channel-logout`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token: token }),
        });
        return (await recordResponse(browser, response)).status;
      }),
    );
    const seconds = (Date.now() - startedMs) / 1000;
    expect(new Set(statuses)).toEqual(new Set([400]));
    expect(world.server.countOf(world.server.keysPath) - before).toBeLessThanOrEqual(2 + seconds);
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
  });
});

it('DI-03: a server that goes away ends no session, and pages that need it work again when it is back', async () => {
  const { user, browser } = await signInVisitor(world);
  await world.server.close();
  const page = () => browser.visit(`${world.appOrigin}/dashboard/messages`);
  await observe(world, { browser, outcome: 'signed_in', signedIn: user, isKept: true }, page);
  await expireAccessToken(world, browser);
  const unavailable = await observe(
    world,
    { browser, outcome: 'signed_in', signedIn: user, isKept: true },
    page,
  );
  expect(unavailable.html).toMatch(/did not renew your access/);
  await world.server.reopen();
  await expect.poll(async () => (await page()).html, untilTestEnds).toContain('Author');
  await observe(world, { browser, outcome: 'signed_in', signedIn: user }, page);
});
