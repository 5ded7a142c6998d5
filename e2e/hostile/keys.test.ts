/** Signing keys that change, are not there, or stand beside what is no key. An unknown key id asks again, at most once a second. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expireAccessToken } from '../support/seals.ts';
import { arrive, settle } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import type { Fault } from './grant.ts';
import { signIn } from './journey.ts';
import { makeToken } from './json-web-token.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { createSigningKey, makeDecoys, type SigningKey, toJwk } from './signing-keys.ts';
import { hear, observe } from './trial.ts';
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
const enter = async (outcome: OutcomeName, fault: Fault = {}) => {
  const { person, browser } = arrive(world, fault);
  const signedIn = outcome === 'U-OK' ? person : null;
  await observe(world, { browser, outcome, signedIn }, () => signIn(world, browser));
};
/** From now on signed by a key that was never seen. */
const rotate = (alg?: string, bits?: number) => {
  world.server.keys = [newKey(alg, bits)];
};

describe('keys that change', () => {
  it('DI-07: new keys right before signing, and again a moment later: everybody signs in', async () => {
    await enter('U-OK');
    for (const alg of ['ES256', 'EdDSA']) {
      rotate(alg);
      await enter('U-OK', { idToken: { claims: { at_hash: undefined } } });
    }
  });

  it('DI-10: no key id beside one key is fine', async () => {
    rotate();
    world.server.decoys = [];
    await enter('U-OK');
    await enter('U-OK', { idToken: { header: { kid: undefined } } });
  });

  it('DI-10: no key id beside several keys of its kind is rejected', async () => {
    world.server.keys = [newKey(), newKey()];
    await enter('U-OK');
    await enter('U-REJECT', { idToken: { header: { kid: undefined } } });
  });

  it('DI-11: a thousand keys, private members, keys for encryption and what is no key harm nobody', async () => {
    rotate();
    const [key] = world.server.keys as [SigningKey];
    const shown = { ...key.privateKey.export({ format: 'jwk' }), kid: 'shown', alg: 'ES256' };
    const crowd = Array.from({ length: 1_000 }, (_, index) => ({ ...toJwk(key), kid: `other-${index}` }));
    world.server.decoys = [...makeDecoys(key.kid).filter(({ kty }) => kty !== 'EC'), shown, ...crowd];
    await enter('U-OK');
  });

  it('DI-11: a key that is too short signs nobody in', async () => {
    rotate('RS256', 1024);
    await enter('U-REJECT');
  });
});

describe('keys that cannot be had', () => {
  it.each<[string, Reply | ((at: World) => Reply), OutcomeName]>([
    ['DI-04: 404', { status: 404, body: '' }, 'U-ASDOWN'],
    ['DI-04: 500', { status: 500, body: '' }, 'U-ASDOWN'],
    ['DI-04: HTML', { body: '<h1>x-marker</h1>', headers: { 'content-type': 'text/html' } }, 'U-ASDOWN'],
    ['DI-04: no list', { body: '{"keys":7}' }, 'U-ASDOWN'],
    ['DI-04: a connection that closes', { manner: 'reset' }, 'U-ASDOWN'],
    ['DI-04: 10 MB', { members: { more: 'x'.repeat(10_000_000) } }, 'U-REJECT'],
    [
      'TK-06: a redirect',
      ({ sink }) => ({ status: 307, headers: { location: `${sink.origin}/keys` } }),
      'U-REJECT',
    ],
  ])('%s: known keys go on, and a new one is told as what it is', async (_what, jwks, outcome) => {
    world.server.keys = [...rightKeys()];
    await enter('U-OK');
    world.server.jwks = typeof jwks === 'function' ? jwks(world) : jwks;
    await enter('U-OK');
    rotate();
    await enter(outcome);
  });

  it('DI-09: as soon as they can be had again, the new key signs in', async () => {
    world.server.jwks = { status: 503, body: '' };
    rotate();
    await enter('U-ASDOWN');
    world.server.jwks = {};
    await enter('U-OK');
  });

  it('DI-08: a hundred forged tokens with key ids of their own ask for keys a few times, and hold up nobody', async () => {
    const forger = createSigningKey('ES256', 'forged');
    const before = world.server.countOf(world.server.keysPath);
    const startedMs = Date.now();
    const { person, browser } = arrive(world);
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
        return (await hear(browser, response)).status;
      }),
    );
    const seconds = (Date.now() - startedMs) / 1000;
    expect(new Set(statuses)).toEqual(new Set([400]));
    expect(world.server.countOf(world.server.keysPath) - before).toBeLessThanOrEqual(2 + seconds);
    await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () => signIn(world, browser));
  });
});

it('DI-03: a server that goes away signs nobody out; what needs it waits, and goes on when it is back', async () => {
  const { person, browser } = await settle(world);
  await world.server.close();
  const page = () => browser.visit(`${world.appOrigin}/dashboard/messages`);
  await observe(world, { browser, outcome: 'U-OK', signedIn: person, isKept: true }, page);
  await expireAccessToken(world, browser);
  const waiting = await observe(world, { browser, outcome: 'U-OK', signedIn: person, isKept: true }, page);
  expect(waiting.html).toMatch(/not answering/);
  await world.server.reopen();
  await expect.poll(async () => (await page()).html, { timeout: 15_000 }).toContain('Author');
  await observe(world, { browser, outcome: 'U-OK', signedIn: person }, page);
});
