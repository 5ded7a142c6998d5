/**
 * Device binding against whoever copied a session: proofs that are no proofs, at registration and at renewal, and
 * copies of the cookies. Each is rejected for its own reason, and none brings a bound cookie.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { registrationProof } from '../../lib/strongroom/testing/test-device.ts';
import { ageBinding, type DeviceResponse, forgeStamp, leadsTo } from '../support/device.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { listRegistrationProofs, listRenewalProofs } from './device-proofs.ts';
import { type DeviceWorld, deviceOrigin, startDeviceWorld } from './device-world.ts';

let world: DeviceWorld;
beforeAll(async () => {
  world = await startDeviceWorld();
});
afterAll(() => world?.stack.close());

function expectRejected(response: DeviceResponse, reason: string): void {
  expect(response.body).toEqual({ error: reason });
  expect(response).toMatchObject({ boundCookie: null, location: null });
  // These would end a session that is in order. @see renewal.ts
  expect([301, 302, 303, 307, 308, 429]).not.toContain(response.status);
}

describe('a registration whose proof', () => {
  it.each(listRegistrationProofs(() => world))('SE-19: %s is rejected: %s', async (_, reason, proof) => {
    const { browser, challenge } = world.unbound;
    const by = world.device;
    expectRejected(await world.register(browser, await proof({ challenge, by, jwk: by.jwk }), {}), reason);
  });

  it('SE-19: is sent twice binds once, and the session stays with the first key', async () => {
    const { browser, challenge } = await world.signIn();
    const proof = await registrationProof(world.device, challenge);
    expect((await world.register(browser, proof)).status).toBe(200);
    expectRejected(await world.register(browser, proof), 'challenge_consumed');
    const again = await registrationProof(world.other, challenge);
    expectRejected(await world.register(browser, again), 'challenge_consumed');
  });

  it('SE-19: is for a session that was signed out is rejected', async () => {
    const { browser, challenge } = await world.signIn();
    const page = await browser.visit(`${world.edge}/dashboard/session`);
    await browser.visit(`${world.edge}/auth/sign-out`, {
      form: {},
      headers: { origin: deviceOrigin, 'sec-fetch-site': 'same-origin' },
      maxRedirects: 0,
    });
    expect(page.status).toBe(200);
    const proof = await registrationProof(world.device, challenge);
    expectRejected(await world.register(browser, proof), 'session_rejected');
  });

  it('SE-19: is right binds by RS256 too, and from another site, without a cookie', async () => {
    const { challenge } = await world.signIn();
    const proof = await registrationProof(world.rsa, challenge);
    const response = await world.register(new HttpBrowser(), proof, { 'sec-fetch-site': 'cross-site' });
    expect(response).toMatchObject({ status: 200, boundCookie: expect.stringContaining('SameSite=lax') });
  });
});

describe('a renewal whose proof', () => {
  it.each(listRenewalProofs(() => world))('SE-19: %s is rejected: %s', async (_, reason, proof) => {
    const challenge = await world.newChallenge();
    const text = await proof({ challenge, by: world.device, jwk: undefined });
    const response = await world.renew(world.bound, text);
    expectRejected(response, reason);
    // Whatever came before, the key itself goes on being good.
    expect(response.status).toBe(/^challenge_(?!missing)/.test(reason) ? 403 : 400);
  });

  it('SE-19: is replayed is rejected with a new challenge, which is good', async () => {
    const proof = await world.device.sign({}, { jti: await world.newChallenge() });
    expect((await world.renew(world.bound, proof)).status).toBe(200);
    const replayed = await world.renew(world.bound, proof);
    expectRejected(replayed, 'challenge_consumed');
    const next = await world.device.sign({}, { jti: replayed.challenge });
    expect((await world.renew({ browser: new HttpBrowser(), id: world.bound.id }, next)).status).toBe(200);
  });
});

describe('a renewal', () => {
  const over = (id: string) => ({ session_identifier: id, continue: false });

  it('SE-19: without the id that only browsers can send is rejected', async () => {
    expectRejected(await world.renew({ browser: world.bound.browser, id: null }, null), 'session_id_missing');
    expectRejected(await world.renew({ browser: world.bound.browser, id: '' }, null), 'session_id_missing');
  });

  const swappedIds: [what: string, id: () => string][] = [
    ['made up', () => 'session'],
    ['with another key in it', () => world.bound.id.replace(/ES256\.[\w-]+/, `ES256.${world.other.jwk.x}`)],
    [
      'with another session in it',
      () => world.bound.id.replace(world.bound.sessionId, world.neighbour.sessionId),
    ],
    ['with a later end', () => world.bound.id.replace(/^\d+/, String(nowSec() + 99_999_999))],
    [
      'of a session that has expired',
      () =>
        forgeStamp('device_session', world.stack.secrets.appSecret, {
          content: world.bound.id.replace(/^\d+\.|\.[^.]+$/g, ''),
          endsAtSec: nowSec() - 1,
        }),
    ],
  ];
  it.each(swappedIds)(
    'SE-19: with an id %s ends the session in the browser, and gives nothing',
    async (_, buildId) => {
      const id = buildId();
      const response = await world.renew({ browser: world.bound.browser, id }, null);
      expect(response).toMatchObject({ status: 200, body: over(id), boundCookie: null, challenge: '' });
    },
  );

  it('SE-19: with the id of another session than that of the cookie gives nothing', async () => {
    const proof = await world.other.sign({}, { jti: await world.newChallenge(world.neighbour) });
    const response = await world.renew({ browser: world.bound.browser, id: world.neighbour.id }, proof);
    expect(response).toMatchObject({ status: 200, body: over(world.neighbour.id), boundCookie: null });
  });

  it('SE-19: of a session that was signed out gives nothing, with and without its cookies', async () => {
    const left = await world.signInAndRegister(world.device);
    const [copy, challenge] = [left.browser.copy(), await world.newChallenge(left)];
    await left.browser.visit(`${world.edge}/auth/sign-out`, {
      form: {},
      headers: { origin: deviceOrigin, 'sec-fetch-site': 'same-origin' },
      maxRedirects: 0,
    });
    expect([...left.browser.cookies(world.edge).keys()]).toEqual([]);
    const proof = await world.device.sign({}, { jti: challenge });
    for (const browser of [left.browser, copy])
      expect(await world.renew({ browser, id: left.id }, proof)).toMatchObject({
        status: 200,
        body: over(left.id),
        boundCookie: null,
      });
  });
});

describe('the routes of device binding', () => {
  const fromPages: [what: string, headers: Record<string, string>][] = [
    [
      'a form of another site',
      {
        origin: 'https://evil.example',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-dest': 'document',
        'sec-fetch-mode': 'navigate',
      },
    ],
    ['a script of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a form of a neighbour', { origin: 'https://other.strongroom.test', 'sec-fetch-site': 'same-site' }],
    ['an older browser, from another site', { origin: 'https://evil.example' }],
    ['a frame', { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }],
  ];
  it.each(fromPages)('CS-01: reject %s, whatever it proves', async (_, headers) => {
    const proof = await registrationProof(world.device, world.unbound.challenge);
    expectRejected(await world.register(world.unbound.browser, proof, headers), 'cross_site');
    const renewing = await world.device.sign({}, { jti: await world.newChallenge() });
    expectRejected(await world.renew(world.bound, renewing, headers), 'cross_site');
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('SE-19: take no %s', async (method) => {
    for (const path of ['register', 'refresh']) {
      const response = await fetch(`${world.edge}/auth/device/${path}`, { method, redirect: 'manual' });
      expect(response.status).toBe(405);
    }
  });
});

describe('a copy of the cookies', () => {
  const pathsOf = ['/dashboard', '/dashboard/contacts', '/dashboard/session', '/dashboard/messages'];
  /** The same session, as if it had been bound for an hour. */
  async function copyCookies({ browser } = world.bound): Promise<HttpBrowser> {
    const copy = browser.copy();
    await ageBinding(world.stack, world.edge, copy);
    return copy;
  }
  const boundName = (browser: HttpBrowser) =>
    [...browser.cookies(world.edge).keys()].find((name) => name.includes('-bound-')) ?? '';

  it('SE-19: with a bound cookie that is good yet is the session: so long a copy is of use', async () => {
    expect((await (await copyCookies()).visit(`${world.edge}/dashboard`)).status).toBe(200);
  });

  const spoilt: [what: string, fault: string, value: () => string | null][] = [
    ['without the bound cookie', 'bound_cookie_missing', () => null],
    ['with one that is made up', 'bound_cookie_invalid', () => 'bound'],
    [
      'with one that has expired',
      'bound_cookie_expired',
      () =>
        forgeStamp('bound_cookie', world.stack.secrets.appSecret, {
          content: 'b',
          about: world.bound.sessionId,
          endsAtSec: nowSec() - 1,
        }),
    ],
    [
      'with one of another session',
      'bound_cookie_invalid',
      () => world.neighbour.browser.cookies(world.edge).get(boundName(world.neighbour.browser))?.value ?? '',
    ],
    ['with a challenge in its place', 'bound_cookie_invalid', () => world.unbound.challenge],
    [
      'with a later end',
      'bound_cookie_invalid',
      () =>
        (world.bound.browser.cookies(world.edge).get(boundName(world.bound.browser))?.value ?? '').replace(
          /^\d+/,
          String(nowSec() + 9_999),
        ),
    ],
  ];
  it.each(spoilt)(
    'SE-19: %s is no session for page, status, refresh, gateway, route or action: %s',
    async (_, fault, value) => {
      const copy = await copyCookies();
      const form = await copy.visit(`${world.edge}/dashboard/messages`);
      const [name, text] = [boundName(copy), value()];
      copy.cookies(world.edge).delete(name);
      if (text !== null) copy.cookies(world.edge).set(name, { value: text, path: '/' });
      for (const path of [...pathsOf, '/auth/refresh?return_to=/dashboard']) {
        const page = await copy.visit(world.edge + path, { maxRedirects: 0 });
        expect(leadsTo(page), path).toContain('reason=device_not_proven');
      }
      const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
      expect((await copy.visit(`${world.edge}/auth/status`, { headers: own })).status).toBe(401);
      const asked = await copy.visit(`${world.edge}/api/gateway/contacts?q=a`, {
        headers: { ...own, 'x-strongroom': '1' },
      });
      expect([asked.status, JSON.parse(asked.html).code]).toEqual([401, 'login_required']);
      const saved = await copy.visit(`${world.edge}/dashboard/contacts/export`, {
        headers: own,
        maxRedirects: 0,
      });
      expect(saved.status).toBe(401);
      const words = `Posted by a copy ${fault}`;
      const posted = await copy.submit(
        form,
        /Post message/,
        { text: words },
        { headers: { origin: deviceOrigin }, maxRedirects: 0 },
      );
      expect(leadsTo(posted)).toContain('reason=device_not_proven');
      expect((await world.bound.browser.visit(`${world.edge}/dashboard/messages`)).html).not.toContain(words);
      await expect
        .poll(() => world.stack.appEvents('session_rejected').filter(({ detail }) => detail === fault).length)
        .toBeGreaterThan(0);
    },
  );

  it('SE-19: leaves the owner signed in, who is told of it, and the log says it once', async () => {
    const { browser } = world.bound;
    const page = await browser.visit(`${world.edge}/dashboard/session`);
    expect(page.status).toBe(200);
    expect(page.html).toContain('Bound to this device');
    const own = await copyCookies();
    const told = await own.visit(`${world.edge}/dashboard/session`);
    expect(told.html).toContain('Someone tried to use a copy of this session');
    const tried = world.stack.appEvents('device_rejected').filter(({ of }) => of === 'session');
    expect(tried).toHaveLength(1);
  });

  it('SE-19: from before the registration is bound too', async () => {
    const { browser, challenge } = await world.signIn();
    const early = browser.copy();
    await world.register(browser, await registrationProof(world.device, challenge));
    const page = await early.visit(`${world.edge}/dashboard/session`);
    // A minute's grace is for requests that were on their way; the page says what holds by now.
    expect(page.html).toContain('Bound to this device');
  });
});

it('SE-19: every rejection is in the log, with its reason', async () => {
  const reasons = () => new Set(world.stack.appEvents('device_rejected').map(({ reason }) => reason));
  await expect
    .poll(() => [...reasons()].toSorted())
    .toEqual(
      [
        ...['already_bound', 'bound_cookie_missing', 'challenge_consumed', 'challenge_expired'],
        ...[
          'challenge_invalid',
          'challenge_missing',
          'cross_site',
          'other_session',
          'proof_alg',
          'proof_key',
        ],
        ...['proof_malformed', 'proof_missing', 'proof_signature', 'proof_too_large', 'proof_typ'],
        ...['session_id_invalid', 'session_id_missing', 'session_rejected'],
      ].toSorted(),
    );
  expect(world.stack.appEvents('device_registered').length).toBeGreaterThan(0);
});
