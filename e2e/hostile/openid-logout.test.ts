/** The modules of the OpenID Foundation's conformance suite for relying parties, by their own names: RP-initiated and back-channel logout. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrive } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import type { Fault, Grant } from './grant.ts';
import { sessionOf, signIn } from './journey.ts';
import { type Claims, makeToken, type TokenFault } from './json-web-token.ts';
import type { SigningKey } from './signing-keys.ts';
import { hear, observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ AUTH_SIGNING_ALG: 'RS256' });
});
afterAll(() => world?.close());
const [rs256, , es256] = rightKeys() as [SigningKey, SigningKey, SigningKey];

const lastGrant = (): Grant => world.server.grants.at(-1) as Grant;
const enter = async (fault: Fault = {}) => {
  const { person, browser } = arrive(world, fault);
  return { person, browser, page: await signIn(world, browser) };
};
const suffixed = (name: string): TokenFault => ({
  claims: (right) => ({ ...right, [name]: `${right[name]}1` }),
});

describe('oidcc-client-rp-initiated-logout-rp-basic', () => {
  it.each<[string, string, NonNullable<Fault['signedOut']>]>([
    ['SE-06', 'rp-init-logout', () => {}],
    ['SE-07', 'rp-init-logout-other-state', (right) => right.set('state', 'other')],
    ['SE-07', 'rp-init-logout-no-state', (right) => right.delete('state')],
  ])(
    '%s, oidcc-client-test-%s: the hint is one of ours, and the way back works',
    async (_row, _module, signedOut) => {
      const { browser, page } = await enter({ signedOut });
      const before = world.server.countOf('/logout');
      await observe(world, { browser, outcome: 'U-OUT', signedIn: null }, () =>
        browser.submit(page, /sign-out/),
      );
      expect(world.server.countOf('/logout') - before).toBe(1);
      expect(sessionOf(world, browser)).toBeNull();
    },
  );
});

describe('oidcc-client-back-channel-logout-rp-basic', () => {
  const event = 'http://schemas.openid.net/event/backchannel-logout';
  const nowSec = () => Math.floor(Date.now() / 1000);
  const logoutToken = ({ sid, person: { sub } }: Grant, fault: TokenFault): string => {
    const { issuer, client } = world.server;
    const claims: Claims = {
      iss: issuer,
      sub,
      aud: client.id,
      jti: randomUUID(),
      sid,
      iat: nowSec(),
      exp: nowSec() + 120,
      events: { [event]: {} },
      ignored_claim: 'x',
    };
    return makeToken(rs256, { header: { typ: 'logout+jwt' }, claims }, fault);
  };
  const send = (token: string) =>
    fetch(`${world.appOrigin}/auth/back-channel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    });

  it.each<[string, string, TokenFault, number]>([
    ['BL-01', 'rpinitlogout', {}, 200],
    ['BL-02', 'rpinitlogout-alg-none', { header: { alg: 'none' }, sign: () => '' }, 400],
    ['BL-02', 'rpinitlogout-no-event', { claims: { events: undefined } }, 400],
    ['BL-02', 'rpinitlogout-with-nonce', { claims: { nonce: 'x' } }, 400],
    ['BL-02', 'rpinitlogout-wrong-alg', { header: { alg: 'ES256', kid: es256.kid }, sign: es256 }, 400],
    ['BL-02', 'rpinitlogout-wrong-aud', suffixed('aud'), 400],
    [
      'BL-02',
      'rpinitlogout-wrong-event',
      { claims: { events: { 'http://schemas.openid.net/event/foobar': {} } } },
      400,
    ],
    ['BL-02', 'rpinitlogout-wrong-iss', suffixed('iss'), 400],
  ])(
    '%s, oidcc-client-test-rp-backchannel-%s: answered as it must be, and only a good one ends the session',
    async (_row, _module, fault, status) => {
      const { person, browser } = await enter();
      const response = await hear(browser, await send(logoutToken(lastGrant(), fault)));
      expect(response.status).toBe(status);
      expect(response.headers.get('cache-control')).toContain('no-store');
      const page = () => browser.visit(`${world.appOrigin}/dashboard/access`);
      if (status === 200)
        await observe(world, { browser, outcome: 'U-AGAIN', signedIn: null, isKept: true }, page);
      else await observe(world, { browser, outcome: 'U-OK', signedIn: person, isKept: true }, page);
    },
  );
});
