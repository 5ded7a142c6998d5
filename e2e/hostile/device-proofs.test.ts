/**
 * Device binding against whoever copied a session: proofs that are no proofs, at registration and at renewal, and
 * copies of the cookies. Each is rejected for its own reason, and none brings a bound cookie.
 */

import { generateKeyPairSync } from 'node:crypto';
import { type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { type Device, makeDevice, registrationProof } from '../../lib/strongroom/testing/test-device.ts';
import {
  ageBinding,
  type DeviceResponse,
  forgeStamp,
  leadsTo,
  postDevice,
  signInAt,
} from '../support/device.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const AUTH_URL = 'https://app.strongroom.test';
let stack: TestStack;
let edge: string;
let [device, other, rsa]: Device[] = [];

/** Signed in, and offered a registration that no test completes. */
let unbound: Awaited<ReturnType<typeof signInAt>>;
/** Registered with `device`. */
let bound: { browser: HttpBrowser; id: string; sessionId: string };
/** Another session, registered with `other`. */
let neighbour: { browser: HttpBrowser; id: string; sessionId: string };

beforeAll(async () => {
  stack = await startTestStack({ AUTH_URL, SAMPLE_APP_URL: AUTH_URL, DEMO_ACCOUNTS: '' });
  edge = stack.instanceOrigins[0] ?? '';
  [device, other, rsa] = await Promise.all([makeDevice(), makeDevice(), makeDevice('RS256')]);
  unbound = await signInAt(stack, edge);
  bound = await signInAndRegister(device as Device);
  neighbour = await signInAndRegister(other as Device);
});
afterAll(() => stack?.close());

async function signInAndRegister(by: Device) {
  const { browser, challenge } = await signInAt(stack, edge);
  const registered = await register(browser, await registrationProof(by, challenge));
  expect(registered).toMatchObject({ status: 200, boundCookie: expect.stringContaining('-bound-') });
  const id = String(registered.body.session_identifier);
  return { browser, id, sessionId: id.split('.')[1] ?? '' };
}

const register = (browser: HttpBrowser, proof: string | null, headers: Record<string, string> = {}) =>
  postDevice(browser, `${edge}/auth/device/register`, {
    ...(proof === null ? {} : { 'secure-session-response': proof }),
    ...headers,
  });

const renew = (
  browser: HttpBrowser,
  id: string | null,
  proof: string | null,
  headers: Record<string, string> = {},
) =>
  postDevice(browser, `${edge}/auth/device/refresh`, {
    ...(id === null ? {} : { 'sec-secure-session-id': id }),
    ...(proof === null ? {} : { 'secure-session-response': proof }),
    ...headers,
  });

const newChallenge = async ({ browser, id } = bound) => (await renew(browser, id, null)).challenge;
const secret = () => stack.secrets.appSecret;
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function expectRejected(response: DeviceResponse, reason: string): void {
  expect(response.body).toEqual({ error: reason });
  expect(response).toMatchObject({ boundCookie: null, location: null });
  // These would end a session that is in order. @see renewal.ts
  expect([301, 302, 303, 307, 308, 429]).not.toContain(response.status);
}

type Signed = { challenge: string; by: Device; jwk: JWK | undefined };
type Proof = (signed: Signed) => string | Promise<string>;
type Attack = [what: string, reason: string, proof: Proof];

/** The proof as it should be, with parts replaced by others. */
const withHeader =
  (change: object): Proof =>
  async ({ challenge, by, jwk }) => {
    const right = await by.sign({ ...(jwk && { jwk }) }, { jti: challenge });
    const [header = '', payload, signature] = right.split('.');
    const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), ...change };
    return `${encode(changed)}.${payload}.${signature}`;
  };
const signedHeader =
  (change: Record<string, unknown>): Proof =>
  ({ challenge, by, jwk }) =>
    by.sign({ ...(jwk && { jwk }), ...change }, { jti: challenge });
const withPayload =
  (payload: (challenge: string) => string | Record<string, unknown>): Proof =>
  ({ challenge, by, jwk }) =>
    by.sign({ ...(jwk && { jwk }) }, payload(challenge));
const withSignature =
  (change: (signature: Buffer) => Buffer | string): Proof =>
  async ({ challenge, by, jwk }) => {
    const right = await by.sign({ ...(jwk && { jwk }) }, { jti: challenge });
    const [header, payload, signature = ''] = right.split('.');
    const changed = change(Buffer.from(signature, 'base64url'));
    return `${header}.${payload}.${typeof changed === 'string' ? changed : changed.toString('base64url')}`;
  };
/** HMAC with the public key as its secret: what a verifier takes that trusts the header. */
const byPublicKey =
  (alg: string): Proof =>
  ({ challenge, by, jwk }) =>
    new SignJWT({ jti: challenge })
      .setProtectedHeader({ alg, typ: 'dbsc+jwt', ...(jwk && { jwk }) })
      .sign(new TextEncoder().encode(JSON.stringify(by.jwk).padEnd(64)));

function toDer(p1363: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, padded.length]), padded]);
  };
  const body = Buffer.concat([integer(p1363.subarray(0, 32)), integer(p1363.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** Wrong wherever a proof is wanted. */
const everywhere: Attack[] = [
  ['is empty', 'proof_missing', () => ''],
  ['is of 4,001 characters', 'proof_too_large', () => 'a'.repeat(4_001)],
  ['is no JWT', 'proof_malformed', () => 'proof'],
  ['has two parts', 'proof_malformed', () => `${encode({ typ: 'dbsc+jwt' })}.e30`],
  ['has a header that is no JSON', 'proof_malformed', () => `${encode('{')}.e30.AA`],
  ['has a list as its header', 'proof_malformed', () => `${encode([])}.e30.AA`],
  ['has no typ', 'proof_typ', signedHeader({ typ: undefined })],
  ['has the typ JWT', 'proof_typ', signedHeader({ typ: 'JWT' })],
  ['has the typ of DPoP', 'proof_typ', signedHeader({ typ: 'dpop+jwt' })],
  ['has its typ in capitals', 'proof_typ', signedHeader({ typ: 'DBSC+JWT' })],
  [
    'has the alg none and no signature',
    'proof_alg',
    async (signed) => `${(await withHeader({ alg: 'none' })(signed)).replace(/\.[^.]*$/, '')}.`,
  ],
  ['has the alg none and a signature', 'proof_alg', withHeader({ alg: 'none' })],
  ['has the alg NONE', 'proof_alg', withHeader({ alg: 'NONE' })],
  ['has no alg', 'proof_alg', withHeader({ alg: undefined })],
  ['has a list as its alg', 'proof_alg', withHeader({ alg: ['ES256'] })],
  ['has the alg __proto__', 'proof_alg', withHeader({ alg: '__proto__' })],
  ['is an HS256 of the public key', 'proof_alg', byPublicKey('HS256')],
  ['is an HS512 of the public key', 'proof_alg', byPublicKey('HS512')],
  ['says ES384', 'proof_alg', withHeader({ alg: 'ES384' })],
  ['says ES256K', 'proof_alg', withHeader({ alg: 'ES256K' })],
  ['says EdDSA', 'proof_alg', withHeader({ alg: 'EdDSA' })],
  ['says PS256', 'proof_alg', withHeader({ alg: 'PS256' })],
  ['has a signature in DER', 'proof_signature', withSignature(toDer)],
  ['has a signature of zeros', 'proof_signature', withSignature(() => Buffer.alloc(64))],
  ['has half a signature', 'proof_signature', withSignature((signature) => signature.subarray(0, 32))],
  ['has no signature', 'proof_signature', withSignature(() => '')],
  [
    'has a signature with more behind it',
    'proof_signature',
    withSignature((one) => Buffer.concat([one, Buffer.from([0])])),
  ],
  [
    'was signed and then changed',
    'proof_signature',
    async (signed) => {
      const [header, , signature] = (await signedHeader({})(signed)).split('.');
      return `${header}.${encode({ jti: signed.challenge, more: 1 })}.${signature}`;
    },
  ],
  ['has an extension that must be understood', 'proof_signature', withHeader({ crit: ['exp'] })],
  ['has a payload that is not encoded', 'proof_signature', withHeader({ crit: ['b64'], b64: false })],
  ['has no challenge', 'challenge_missing', withPayload(() => ({}))],
  ['has a number as its challenge', 'challenge_missing', withPayload(() => ({ jti: 7 }))],
  ['has a list with its challenge', 'challenge_missing', withPayload((challenge) => ({ jti: [challenge] }))],
  ['has a payload that is no JSON', 'challenge_missing', withPayload(() => 'jti')],
  ['has null as its payload', 'challenge_missing', withPayload(() => 'null')],
  ['has an empty challenge', 'challenge_invalid', withPayload(() => ({ jti: '' }))],
  ['has a challenge that it made up', 'challenge_invalid', withPayload(() => ({ jti: 'c1' }))],
  [
    'has a challenge with a later end',
    'challenge_invalid',
    withPayload((challenge) => ({
      jti: challenge.replace(/^\d+/, String(nowSec() + 9_999)),
    })),
  ],
  [
    'has a challenge that was signed by another key',
    'challenge_invalid',
    withPayload((challenge) => ({
      jti: challenge.replace(/[^.]+$/, 'A'.repeat(43)),
    })),
  ],
];

describe('a registration whose proof', () => {
  const atRegistration: Attack[] = [
    ...everywhere,
    ['has no key', 'proof_key', signedHeader({ jwk: undefined })],
    ['has a text as its key', 'proof_key', signedHeader({ jwk: 'key' })],
    ['has a symmetric key', 'proof_key', signedHeader({ jwk: { kty: 'oct', k: 'AA' } })],
    [
      'has a key with its private part',
      'proof_key',
      signedHeader({
        jwk: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
      }),
    ],
    [
      'has a key on P-384',
      'proof_key',
      signedHeader({
        jwk: generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }),
      }),
    ],
    [
      'has a point beside the curve',
      'proof_key',
      ({ by, ...signed }) => signedHeader({ jwk: { ...by.jwk, y: by.jwk.x } })({ by, ...signed }),
    ],
    ['has an RSA key, and says ES256', 'proof_key', (signed) => signedHeader({ jwk: rsa?.jwk })(signed)],
    ['has an EC key, and says RS256', 'proof_key', withHeader({ alg: 'RS256' })],
    [
      'has an RSA key of 1,024 bits',
      'proof_key',
      ({ challenge }) => {
        const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
        const jwk = publicKey.export({ format: 'jwk' });
        return `${encode({ alg: 'RS256', typ: 'dbsc+jwt', jwk })}.${encode({ jti: challenge })}.AA`;
      },
    ],
    [
      'has an RSA key with the exponent 3',
      'proof_key',
      ({ challenge }) => {
        const header = { alg: 'RS256', typ: 'dbsc+jwt', jwk: { ...rsa?.jwk, e: 'Aw' } };
        return (rsa as Device).sign(header, { jti: challenge });
      },
    ],
    [
      'is signed by another key than it brings',
      'proof_signature',
      ({ challenge, by }) => (other as Device).sign({ jwk: by.jwk }, { jti: challenge }),
    ],
    [
      'has the challenge of a renewal',
      'challenge_invalid',
      async ({ by }) => registrationProof(by, await newChallenge()),
    ],
    [
      'has a challenge in which the session is another',
      'challenge_invalid',
      ({ challenge, by }) =>
        registrationProof(by, challenge.replace(/^(\d+\.[^.]+\.)[^.]+/, `$1${neighbour.sessionId}`)),
    ],
    [
      'has a challenge that expired',
      'challenge_expired',
      ({ by }) =>
        registrationProof(
          by,
          forgeStamp('registration_challenge', secret(), {
            content: `${'n'.repeat(22)}.${neighbour.sessionId}.${nowSec() + 60}.pseudonym`,
            endsAtSec: nowSec() - 1,
          }),
        ),
    ],
    [
      'is for a session that is bound, by the challenge of another sign-in',
      'already_bound',
      ({ by }) =>
        registrationProof(
          by,
          forgeStamp('registration_challenge', secret(), {
            content: `${'o'.repeat(22)}.${bound.sessionId}.${nowSec() + 60}.pseudonym`,
          }),
        ),
    ],
  ];

  it.each(atRegistration)('SE-19: %s is rejected: %s', async (_, reason, proof) => {
    const { browser, challenge } = unbound;
    const by = device as Device;
    expectRejected(await register(browser, await proof({ challenge, by, jwk: by.jwk }), {}), reason);
  });

  it('SE-19: is sent twice binds once, and the session stays with the first key', async () => {
    const { browser, challenge } = await signInAt(stack, edge);
    const proof = await registrationProof(device as Device, challenge);
    expect((await register(browser, proof)).status).toBe(200);
    expectRejected(await register(browser, proof), 'challenge_consumed');
    const again = await registrationProof(other as Device, challenge);
    expectRejected(await register(browser, again), 'challenge_consumed');
  });

  it('SE-19: is for a session that was signed out is rejected', async () => {
    const { browser, challenge } = await signInAt(stack, edge);
    const page = await browser.visit(`${edge}/dashboard/session`);
    await browser.visit(`${edge}/auth/sign-out`, {
      form: {},
      headers: { origin: AUTH_URL, 'sec-fetch-site': 'same-origin' },
      maxRedirects: 0,
    });
    expect(page.status).toBe(200);
    const proof = await registrationProof(device as Device, challenge);
    expectRejected(await register(browser, proof), 'session_rejected');
  });

  it('SE-19: is right binds by RS256 too, and from another site, without a cookie', async () => {
    const { challenge } = await signInAt(stack, edge);
    const proof = await registrationProof(rsa as Device, challenge);
    const response = await register(new HttpBrowser(), proof, { 'sec-fetch-site': 'cross-site' });
    expect(response).toMatchObject({ status: 200, boundCookie: expect.stringContaining('SameSite=lax') });
  });
});

describe('a renewal whose proof', () => {
  const atRenewal: Attack[] = [
    ...everywhere.filter(([, reason]) => reason !== 'proof_missing'),
    [
      'is signed by another key',
      'proof_signature',
      ({ challenge }) => (other as Device).sign({}, { jti: challenge }),
    ],
    ['brings its own key', 'proof_key', ({ challenge }) => registrationProof(other as Device, challenge)],
    ['brings the right key', 'proof_key', ({ challenge, by }) => registrationProof(by, challenge)],
    [
      'says RS256 for a session of ES256',
      'proof_alg',
      ({ challenge }) => (rsa as Device).sign({}, { jti: challenge }),
    ],
    [
      'has a challenge of another session',
      'challenge_invalid',
      async ({ by }) => by.sign({}, { jti: await newChallenge(neighbour) }),
    ],
    [
      'has the challenge of a registration',
      'challenge_invalid',
      ({ by }) => by.sign({}, { jti: unbound.challenge }),
    ],
    [
      'has a challenge that expired',
      'challenge_expired',
      ({ by }) =>
        by.sign(
          {},
          {
            jti: forgeStamp('renewal_challenge', secret(), {
              content: 'p'.repeat(22),
              about: bound.sessionId,
              endsAtSec: nowSec() - 1,
            }),
          },
        ),
    ],
  ];

  it.each(atRenewal)('SE-19: %s is rejected: %s', async (_, reason, proof) => {
    const challenge = await newChallenge();
    const text = await proof({ challenge, by: device as Device, jwk: undefined });
    const response = await renew(bound.browser, bound.id, text);
    expectRejected(response, reason);
    // Whatever came before, the key itself goes on being good.
    expect(response.status).toBe(/^challenge_(?!missing)/.test(reason) ? 403 : 400);
  });

  it('SE-19: is replayed is rejected with a new challenge, which is good', async () => {
    const proof = await (device as Device).sign({}, { jti: await newChallenge() });
    expect((await renew(bound.browser, bound.id, proof)).status).toBe(200);
    const replayed = await renew(bound.browser, bound.id, proof);
    expectRejected(replayed, 'challenge_consumed');
    const next = await (device as Device).sign({}, { jti: replayed.challenge });
    expect((await renew(new HttpBrowser(), bound.id, next)).status).toBe(200);
  });
});

describe('a renewal', () => {
  const over = (id: string) => ({ session_identifier: id, continue: false });

  it('SE-19: without the id that only browsers can send is rejected', async () => {
    expectRejected(await renew(bound.browser, null, null), 'session_id_missing');
    expectRejected(await renew(bound.browser, '', null), 'session_id_missing');
  });

  const swappedIds: [what: string, id: () => string][] = [
    ['made up', () => 'session'],
    ['with another key in it', () => bound.id.replace(/ES256\.[\w-]+/, `ES256.${other?.jwk.x}`)],
    ['with another session in it', () => bound.id.replace(bound.sessionId, neighbour.sessionId)],
    ['with a later end', () => bound.id.replace(/^\d+/, String(nowSec() + 99_999_999))],
    [
      'of a session that has expired',
      () =>
        forgeStamp('device_session', secret(), {
          content: bound.id.replace(/^\d+\.|\.[^.]+$/g, ''),
          endsAtSec: nowSec() - 1,
        }),
    ],
  ];
  it.each(swappedIds)(
    'SE-19: with an id %s ends the session in the browser, and gives nothing',
    async (_, buildId) => {
      const id = buildId();
      const response = await renew(bound.browser, id, null);
      expect(response).toMatchObject({ status: 200, body: over(id), boundCookie: null, challenge: '' });
    },
  );

  it('SE-19: with the id of another session than that of the cookie gives nothing', async () => {
    const proof = await (other as Device).sign({}, { jti: await newChallenge(neighbour) });
    const response = await renew(bound.browser, neighbour.id, proof);
    expect(response).toMatchObject({ status: 200, body: over(neighbour.id), boundCookie: null });
  });

  it('SE-19: of a session that was signed out gives nothing, with and without its cookies', async () => {
    const left = await signInAndRegister(device as Device);
    const [copy, challenge] = [left.browser.copy(), await newChallenge(left)];
    await left.browser.visit(`${edge}/auth/sign-out`, {
      form: {},
      headers: { origin: AUTH_URL, 'sec-fetch-site': 'same-origin' },
      maxRedirects: 0,
    });
    expect([...left.browser.cookies(edge).keys()]).toEqual([]);
    const proof = await (device as Device).sign({}, { jti: challenge });
    for (const browser of [left.browser, copy])
      expect(await renew(browser, left.id, proof)).toMatchObject({
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
    const proof = await registrationProof(device as Device, unbound.challenge);
    expectRejected(await register(unbound.browser, proof, headers), 'cross_site');
    const renewing = await (device as Device).sign({}, { jti: await newChallenge() });
    expectRejected(await renew(bound.browser, bound.id, renewing, headers), 'cross_site');
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('SE-19: take no %s', async (method) => {
    for (const path of ['register', 'refresh']) {
      const response = await fetch(`${edge}/auth/device/${path}`, { method, redirect: 'manual' });
      expect(response.status).toBe(405);
    }
  });
});

describe('a copy of the cookies', () => {
  const pathsOf = ['/dashboard', '/dashboard/contacts', '/dashboard/session', '/dashboard/messages'];
  /** The same session, as if it had been bound for an hour. */
  async function copyCookies({ browser } = bound): Promise<HttpBrowser> {
    const copy = browser.copy();
    await ageBinding(stack, edge, copy);
    return copy;
  }
  const boundName = (browser: HttpBrowser) =>
    [...browser.cookies(edge).keys()].find((name) => name.includes('-bound-')) ?? '';

  it('SE-19: with a bound cookie that is good yet is the session: so long a copy is of use', async () => {
    expect((await (await copyCookies()).visit(`${edge}/dashboard`)).status).toBe(200);
  });

  const spoilt: [what: string, fault: string, value: () => string | null][] = [
    ['without the bound cookie', 'bound_cookie_missing', () => null],
    ['with one that is made up', 'bound_cookie_invalid', () => 'bound'],
    [
      'with one that has expired',
      'bound_cookie_expired',
      () =>
        forgeStamp('bound_cookie', secret(), {
          content: 'b',
          about: bound.sessionId,
          endsAtSec: nowSec() - 1,
        }),
    ],
    [
      'with one of another session',
      'bound_cookie_invalid',
      () => neighbour.browser.cookies(edge).get(boundName(neighbour.browser))?.value ?? '',
    ],
    ['with a challenge in its place', 'bound_cookie_invalid', () => unbound.challenge],
    [
      'with a later end',
      'bound_cookie_invalid',
      () =>
        (bound.browser.cookies(edge).get(boundName(bound.browser))?.value ?? '').replace(
          /^\d+/,
          String(nowSec() + 9_999),
        ),
    ],
  ];
  it.each(spoilt)(
    'SE-19: %s is no session for page, status, refresh, gateway, route or action: %s',
    async (_, fault, value) => {
      const copy = await copyCookies();
      const form = await copy.visit(`${edge}/dashboard/messages`);
      const [name, text] = [boundName(copy), value()];
      copy.cookies(edge).delete(name);
      if (text !== null) copy.cookies(edge).set(name, { value: text, path: '/' });
      for (const path of [...pathsOf, '/auth/refresh?return_to=/dashboard']) {
        const page = await copy.visit(edge + path, { maxRedirects: 0 });
        expect(leadsTo(page), path).toContain('reason=device_not_proven');
      }
      const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
      expect((await copy.visit(`${edge}/auth/status`, { headers: own })).status).toBe(401);
      const asked = await copy.visit(`${edge}/api/gateway/contacts?q=a`, {
        headers: { ...own, 'x-strongroom': '1' },
      });
      expect([asked.status, JSON.parse(asked.html).code]).toEqual([401, 'login_required']);
      const saved = await copy.visit(`${edge}/dashboard/contacts/export`, { headers: own, maxRedirects: 0 });
      expect(saved.status).toBe(401);
      const words = `Posted by a copy ${fault}`;
      const posted = await copy.submit(
        form,
        /Post message/,
        { text: words },
        { headers: { origin: AUTH_URL }, maxRedirects: 0 },
      );
      expect(leadsTo(posted)).toContain('reason=device_not_proven');
      expect((await bound.browser.visit(`${edge}/dashboard/messages`)).html).not.toContain(words);
      await expect
        .poll(() => stack.appEvents('session_rejected').filter(({ detail }) => detail === fault).length)
        .toBeGreaterThan(0);
    },
  );

  it('SE-19: leaves the owner signed in, who is told of it, and the log says it once', async () => {
    const { browser } = bound;
    const page = await browser.visit(`${edge}/dashboard/session`);
    expect(page.status).toBe(200);
    expect(page.html).toContain('Bound to this device');
    const own = await copyCookies();
    const told = await own.visit(`${edge}/dashboard/session`);
    expect(told.html).toContain('Someone tried to use a copy of this session');
    const tried = stack.appEvents('device_rejected').filter(({ of }) => of === 'session');
    expect(tried).toHaveLength(1);
  });

  it('SE-19: from before the registration is bound too', async () => {
    const { browser, challenge } = await signInAt(stack, edge);
    const early = browser.copy();
    await register(browser, await registrationProof(device as Device, challenge));
    const page = await early.visit(`${edge}/dashboard/session`);
    // A minute's grace is for requests that were on their way; the page says what holds by now.
    expect(page.html).toContain('Bound to this device');
  });
});

it('SE-19: every rejection is in the log, with its reason', async () => {
  const reasons = () => new Set(stack.appEvents('device_rejected').map(({ reason }) => reason));
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
  expect(stack.appEvents('device_registered').length).toBeGreaterThan(0);
});
