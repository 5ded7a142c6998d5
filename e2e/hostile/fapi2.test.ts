/**
 * Modules of the OpenID Foundation's conformance suite for FAPI 2.0 relying parties (Security Profile, final),
 * by the suite's own names: private_key_jwt, DPoP, OpenID Connect, plain responses. The oracle checks every
 * request of the client, as the suite does. These tests are stricter: after a rejected response nothing more is
 * requested, the user sees an error, and there is no session.
 */

import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { createClientKey, writeKeySet } from '../../lib/strongroom/testing/client-keys.ts';
import { expireAccessToken } from '../support/seals.ts';
import { createVisitor } from './attacks.ts';
import { type AuthorizationServer, rightKeys } from './authorization-server.ts';
import { type Fault, newCanary } from './grant.ts';
import { claiming } from './id-token-attacks.ts';
import { signIn } from './journey.ts';
import type { TokenFault } from './json-web-token.ts';
import type { OutcomeName } from './outcomes.ts';
import { checkProof } from './proofs.ts';
import type { SigningKey } from './signing-keys.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

const { d: secretPart = '', ...publicKey } = createClientKey() as Record<string, string>;
const env = {
  SECURITY_PROFILE: 'fapi2',
  AUTH_CLIENT_AUTH: 'auto',
  AUTH_CLIENT_SECRET: '',
  AUTH_CLIENT_KEYS: writeKeySet({ ...publicKey, d: secretPart }),
};
const abilities = {
  require_pushed_authorization_requests: true,
  code_challenge_methods_supported: ['S256'],
  dpop_signing_alg_values_supported: ['ES256'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  id_token_signing_alg_values_supported: ['ES256', 'PS256', 'RS256'],
};

const keyOf = (alg: string): SigningKey => {
  const key = rightKeys().find((one) => one.alg === alg);
  if (key === undefined) throw new Error(`No key for ${alg}`);
  return key;
};

const isFirst = (one: SigningKey) => (one.alg === 'ES256' ? -1 : 1);

/** A server as FAPI 2.0 requires it, which knows the client by its key. */
function prepare(server: AuthorizationServer): typeof env {
  const assertion = { key: createPublicKey({ key: publicKey, format: 'jwk' }).export({ format: 'jwk' }) };
  Object.assign(server.client, { assertion: { ...assertion, issuer: server.issuer } });
  Object.assign(server, { metadata: { members: abilities }, keys: rightKeys().toSorted(isFirst) });
  return env;
}

let world: World;
beforeAll(async () => {
  world = await startWorld(prepare);
});
afterAll(() => world?.close());
beforeEach(() => {
  world.server.nonce = newCanary('nonce');
  world.changeApiResponse = null;
});

/** Signs a user in, and says how often a code was sent to the token endpoint. */
async function trySignIn(outcome: OutcomeName, fault: Fault = {}, openTransactions = 0) {
  const { user, browser } = createVisitor(world, fault);
  const signedIn = outcome === 'signed_in' ? user : null;
  const before = world.server.received.length;
  const trial = { browser, outcome, signedIn, openTransactions };
  const page = await observe(world, trial, () => signIn(world, browser));
  const received = world.server.received.slice(before);
  return { user, browser, page, requests: received.map(({ url }) => url.pathname) };
}

/** What the newest request to the API carried. */
function lastApiRequest() {
  const { line = '', rawHeaders = [] } = world.api.requests.at(-1) ?? {};
  const read = (name: string) => rawHeaders[rawHeaders.findIndex((text) => text.toLowerCase() === name) + 1];
  const [method = '', path = ''] = line.split(' ');
  const [scheme, token = ''] = (read('authorization') ?? '').split(' ');
  const address = world.server.client.audience + path;
  return { scheme, ...checkProof(read('dpop') ?? '..', { method, address, token }) };
}

/** The API rejects each proof without its nonce, and notes what is wrong with the others. */
function requireNonce(challenge: string) {
  const [nonce, seen] = [newCanary('nonce'), { faults: [] as string[], challenges: 0 }];
  world.changeApiResponse = () => {
    const { scheme, faults, proof } = lastApiRequest();
    seen.faults.push(...faults, ...(scheme === 'DPoP' ? [] : ['the scheme DPoP']));
    if (proof.nonce === nonce) return null;
    seen.challenges += 1;
    return { status: 401, headers: { 'dpop-nonce': nonce, 'www-authenticate': challenge } };
  };
  return seen;
}

const happyRequests = (requests: readonly string[]) =>
  requests.filter((path) => ['/par', '/authorize', '/token'].includes(path));
const suffixed = (name: string) => claiming((right) => ({ ...right, [name]: `${right[name]}1` }));
const dropping = (name: string) => claiming({ [name]: undefined });
const prefix = 'fapi2-security-profile-final-client-test';

describe('fapi2-security-profile-final-client-test-plan', () => {
  it(`CA-02, CA-04, CA-05, CA-06, AZ-13, ${prefix}-happy-path: a user signs in and sees data while both servers demand nonces, and the tokens are refreshed and revoked by the same key`, async () => {
    const seen = requireNonce('DPoP error="use_dpop_nonce"');
    const { user, browser, requests } = await trySignIn('signed_in');
    expect(happyRequests(requests)).toEqual(['/par', '/authorize', '/token', '/token']);
    await expireAccessToken(world, browser);
    const trial = { browser, outcome: 'signed_in', signedIn: user } as const;
    const page = await observe(world, trial, () => browser.visit(`${world.appOrigin}/dashboard/messages`));
    expect([seen.faults, seen.challenges > 0]).toEqual([[], true]);
    expect(world.server.grants.at(-1)?.accessTokens).toHaveLength(2);
    await observe(world, { browser, outcome: 'signed_out', signedIn: null }, () =>
      browser.submit(page, /sign-out/),
    );
    expect(world.server.revoked.at(-1)).toBe(world.server.grants.at(-1)?.refreshTokens.at(-1));
  });

  it(`CA-04, ${prefix}-happy-path-no-dpop-nonce: a user signs in where no nonce is demanded, and userinfo gets a proof too`, async () => {
    world.server.nonce = null;
    const { requests } = await trySignIn('signed_in', { idToken: dropping('name') });
    expect(happyRequests(requests)).toEqual(['/par', '/authorize', '/token']);
    expect(requests).toContain('/userinfo');
    expect(lastApiRequest()).toMatchObject({ scheme: 'DPoP', faults: [] });
  });

  it(`CA-05, ${prefix}-rs-dpop-auth-scheme-case-insensitivity: the API's challenge is understood whatever the case of its scheme`, async () => {
    const seen = requireNonce('dPoP error="use_dpop_nonce"');
    await trySignIn('signed_in');
    expect([seen.faults, seen.challenges > 0]).toEqual([[], true]);
  });

  it('RF-10, fapi2-security-profile-final-client-refresh-token-test: a token that the API rejects is replaced, and the next refresh is by the refresh token that came with it', async () => {
    const { user, browser } = await trySignIn('signed_in');
    const grant = world.server.grants.at(-1);
    const rejected = grant?.accessTokens[0] ?? '';
    const headers = { 'www-authenticate': 'DPoP error="invalid_token"' };
    world.changeApiResponse = () =>
      world.api.tokens.at(-1)?.endsWith(rejected) ? { status: 401, headers } : null;
    const trial = { browser, outcome: 'signed_in', signedIn: user } as const;
    const visit = () => observe(world, trial, () => browser.visit(`${world.appOrigin}/dashboard/messages`));
    await visit();
    expect(grant?.accessTokens).toHaveLength(2);
    await expireAccessToken(world, browser);
    await visit();
    expect(grant?.accessTokens).toHaveLength(3);
  });

  it.each<[row: string, module: string, what: string, fault: () => Fault]>([
    [
      'ID-06',
      'valid-aud-as-array',
      'an ID token with a list of one audience',
      () => ({ idToken: claiming((right) => ({ ...right, aud: [right.aud] })) }),
    ],
    [
      'TK-11',
      'token-endpoint-response-without-expires_in',
      'a token response that does not say how long its token lives',
      () => ({ token: { members: { expires_in: undefined } } }),
    ],
    [
      'TK-09',
      'token-type-case-insensitivity',
      'a token type in another case',
      () => ({ token: { members: { token_type: 'dpOp' } } }),
    ],
  ])(`%s, ${prefix}-%s: %s is accepted`, async (_row, _module, _what, fault) => {
    await trySignIn('signed_in', fault());
  });

  it.each<[row: string, module: string, what: string, idToken: () => TokenFault]>([
    ['ID-05', 'invalid-iss', 'of another issuer', () => suffixed('iss')],
    ['ID-05', 'invalid-missing-iss', 'without an issuer', () => dropping('iss')],
    ['ID-06', 'invalid-aud', 'for another audience', () => suffixed('aud')],
    ['ID-06', 'invalid-missing-aud', 'without an audience', () => dropping('aud')],
    [
      'ID-06',
      'invalid-secondary-aud',
      'for a second audience too',
      () => claiming((right) => ({ ...right, aud: [right.aud, 'https://other.example'] })),
    ],
    ['ID-02', 'invalid-null-alg', 'without a signature', () => ({ header: { alg: 'none' }, sign: () => '' })],
    [
      'ID-02',
      'invalid-alternate-alg',
      'that a key of the server has signed with RS256',
      () => ({ sign: keyOf('RS256'), header: { alg: 'RS256', kid: keyOf('RS256').kid } }),
    ],
    ['ID-07', 'invalid-expired-exp', 'that expired six minutes ago', () => claiming({ exp: nowSec() - 360 })],
    ['ID-07', 'invalid-missing-exp', 'without an expiry', () => dropping('exp')],
    ['ID-09', 'invalid-nonce', 'with another nonce', () => suffixed('nonce')],
    ['ID-09', 'invalid-missing-nonce', 'without a nonce', () => dropping('nonce')],
  ])(`%s, ${prefix}-%s: an ID token %s is rejected, and nothing more is requested`, async (...testCase) => {
    const [, module, , idToken] = testCase;
    const tokens = world.api.tokens.length;
    const { requests } = await trySignIn('invalid_response', { idToken: idToken() });
    expect(requests.at(-1)).toMatch(/^\/(token|keys-[\w-]+)$/);
    const claim = module.split('-').at(-1) ?? '';
    expect(world.app.events('sign_in_rejected').at(-1)?.reason).toMatch(
      new RegExp(`^id_token_(${claim}|malformed)$`),
    );
    expect(world.api.tokens).toHaveLength(tokens);
  });

  const edit = (change: (query: URLSearchParams) => void) => (right: URLSearchParams) => {
    change(right);
    return right;
  };
  it.each<
    [row: string, module: string, what: string, (query: URLSearchParams) => void, OutcomeName, number?]
  >([
    [
      'CB-16',
      'invalid-authorization-response-iss',
      'with another issuer',
      (query) => query.set('iss', `${query.get('iss')}1`),
      'invalid_response',
    ],
    [
      'CB-16',
      'remove-authorization-response-iss',
      'without an issuer',
      (query) => query.delete('iss'),
      'invalid_response',
    ],
    [
      'CB-03',
      'ensure-authorization-response-with-invalid-state-fails',
      'with another state',
      (query) => query.set('state', `${query.get('state')}1`),
      'transaction_expired',
      1,
    ],
    [
      'CB-02',
      'ensure-authorization-response-with-invalid-missing-state-fails',
      'without a state',
      (query) => query.delete('state'),
      'transaction_expired',
      1,
    ],
  ])(
    `%s, ${prefix}-%s: an authorization response %s is rejected before its code is used`,
    async (_row, _module, _what, change, outcome, openTransactions) => {
      const { requests } = await trySignIn(outcome, { redirect: edit(change) }, openTransactions);
      expect(requests).not.toContain('/token');
    },
  );

  it(`DI-01, ${prefix}-discovery-issuer-mismatch: metadata of another issuer are rejected before a request is pushed`, async () => {
    const unknown = await startWorld((server) => {
      const told = prepare(server);
      server.metadata = { members: { ...abilities, issuer: `${server.issuer}INVALID` } };
      return told;
    });
    try {
      const { browser } = createVisitor(unknown);
      const trial = { browser, outcome: 'configuration_invalid', signedIn: null } as const;
      await observe(unknown, trial, () => signIn(unknown, browser));
      expect(new Set(unknown.server.requests)).toEqual(new Set(['GET /.well-known/openid-configuration']));
    } finally {
      await unknown.close();
    }
  });
});

it('CA-08: bearer tokens in place of bound ones are rejected', async () => {
  const { requests } = await trySignIn('configuration_invalid', {
    token: { members: { token_type: 'Bearer' } },
  });
  expect(requests).not.toContain('/userinfo');
});

it('CA-02, CA-07: the private key of the client is neither printed nor sent', () => {
  expect(world.app.lines.filter((line) => line.includes(secretPart))).toEqual([]);
  expect(world.server.received.filter(({ body }) => body.includes(secretPart))).toEqual([]);
});
