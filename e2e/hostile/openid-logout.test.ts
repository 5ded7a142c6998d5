/**
 * Modules of the OpenID Foundation's conformance suite for relying parties, by the suite's own names:
 * RP-initiated and back-channel logout.
 */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { createVisitor } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import type { Fault, Grant } from './grant.ts';
import { sessionOf, signIn } from './journey.ts';
import { type Claims, makeToken, type TokenFault } from './json-web-token.ts';
import type { SigningKey } from './signing-keys.ts';
import { observe, recordResponse } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ AUTH_SIGNING_ALG: 'RS256' });
});
afterAll(() => world?.close());
const [rs256, , es256] = rightKeys() as [SigningKey, SigningKey, SigningKey];

const lastGrant = (): Grant => world.server.grants.at(-1) as Grant;
const signInWith = async (fault: Fault = {}) => {
  const { user, browser } = createVisitor(world, fault);
  return { user, browser, page: await signIn(world, browser) };
};
const suffixed = (name: string): TokenFault => ({
  claims: (right) => ({ ...right, [name]: `${right[name]}1` }),
});

describe('oidcc-client-rp-initiated-logout-rp-basic', () => {
  it.each<[row: string, module: string, what: string, signedOut: NonNullable<Fault['signedOut']>]>([
    ['SE-06', 'rp-init-logout', 'signing out sends a hint that the server issued', () => {}],
    [
      'SE-07',
      'rp-init-logout-other-state',
      'signing out works although another state comes back',
      (right) => right.set('state', 'other'),
    ],
    [
      'SE-07',
      'rp-init-logout-no-state',
      'signing out works although no state comes back',
      (right) => right.delete('state'),
    ],
  ])('%s, oidcc-client-test-%s: %s', async (_row, _module, _what, signedOut) => {
    const { browser, page } = await signInWith({ signedOut });
    const before = world.server.countOf('/logout');
    await observe(world, { browser, outcome: 'signed_out', signedIn: null }, () =>
      browser.submit(page, /sign-out/),
    );
    expect(world.server.countOf('/logout') - before).toBe(1);
    expect(sessionOf(world, browser)).toBeNull();
  });
});

describe('oidcc-client-back-channel-logout-rp-basic', () => {
  const event = 'http://schemas.openid.net/event/backchannel-logout';
  const logoutToken = ({ sid, user: { sub } }: Grant, fault: TokenFault): string => {
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

  it.each<[row: string, module: string, what: string, fault: TokenFault, status: number]>([
    ['BL-01', 'rpinitlogout', 'a right logout token ends the session', {}, 200],
    [
      'BL-02',
      'rpinitlogout-alg-none',
      'an unsigned logout token is rejected',
      { header: { alg: 'none' }, sign: () => '' },
      400,
    ],
    [
      'BL-02',
      'rpinitlogout-no-event',
      'a logout token without an event is rejected',
      { claims: { events: undefined } },
      400,
    ],
    [
      'BL-02',
      'rpinitlogout-with-nonce',
      'a logout token with a nonce is rejected',
      { claims: { nonce: 'x' } },
      400,
    ],
    [
      'BL-02',
      'rpinitlogout-wrong-alg',
      'a logout token with another algorithm is rejected',
      { header: { alg: 'ES256', kid: es256.kid }, sign: es256 },
      400,
    ],
    [
      'BL-02',
      'rpinitlogout-wrong-aud',
      'a logout token for another audience is rejected',
      suffixed('aud'),
      400,
    ],
    [
      'BL-02',
      'rpinitlogout-wrong-event',
      'a logout token of another event is rejected',
      { claims: { events: { 'http://schemas.openid.net/event/foobar': {} } } },
      400,
    ],
    [
      'BL-02',
      'rpinitlogout',
      'a logout token without an expiry ends the session',
      { claims: { exp: undefined } },
      200,
    ],
    [
      'BL-02',
      'rpinitlogout',
      'a logout token without an expiry is rejected when it is older than ten minutes',
      { claims: { exp: undefined, iat: nowSec() - 900 } },
      400,
    ],
    ...[['logout+jwt'], null, 7, {}, true].map((typ): [string, string, string, TokenFault, number] => [
      'BL-03',
      'rpinitlogout',
      `a logout token whose type is ${JSON.stringify(typ)} is rejected`,
      { header: { typ } },
      400,
    ]),
    ['BL-02', 'rpinitlogout-wrong-iss', 'a logout token of another issuer is rejected', suffixed('iss'), 400],
  ])('%s, oidcc-client-test-rp-backchannel-%s: %s', async (_row, _module, _what, fault, status) => {
    const { user, browser } = await signInWith();
    const response = await recordResponse(browser, await send(logoutToken(lastGrant(), fault)));
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toContain('no-store');
    const page = () => browser.visit(`${world.appOrigin}/dashboard/access`);
    if (status === 200)
      await observe(world, { browser, outcome: 'session_rejected', signedIn: null, isKept: true }, page);
    else await observe(world, { browser, outcome: 'signed_in', signedIn: user, isKept: true }, page);
  });

  it('BL-04: a session whose sid has 300 characters is ended by that sid, and by no other one', async () => {
    const sid = 's'.repeat(300);
    const { user, browser } = await signInWith({ idToken: { claims: { sid } } });
    const page = () => browser.visit(`${world.appOrigin}/dashboard/access`);
    const other = logoutToken(lastGrant(), { claims: { sid: `${sid}1`, sub: undefined } });
    expect((await recordResponse(browser, await send(other))).status).toBe(200);
    await observe(world, { browser, outcome: 'signed_in', signedIn: user, isKept: true }, page);
    const right = logoutToken(lastGrant(), { claims: { sid, sub: undefined } });
    expect((await recordResponse(browser, await send(right))).status).toBe(200);
    await observe(world, { browser, outcome: 'session_rejected', signedIn: null, isKept: true }, page);
  });
});
