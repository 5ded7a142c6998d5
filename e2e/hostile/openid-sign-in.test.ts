/**
 * Modules of the OpenID Foundation's conformance suite for relying parties, by the suite's own names: Basic,
 * Config and Refresh. These tests are stricter than the suite: after a rejected response nothing more is
 * requested, the user sees an error, and there is no session.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expireAccessToken } from '../support/seals.ts';
import { createVisitor } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import type { Fault, Grant } from './grant.ts';
import { signIn } from './journey.ts';
import { makeToken, type TokenFault } from './json-web-token.ts';
import type { OutcomeName } from './outcomes.ts';
import { createSigningKey, makeDecoys, type SigningKey } from './signing-keys.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ AUTH_SIGNING_ALG: 'RS256' });
});
afterAll(() => world?.close());
beforeEach(() => Object.assign(world.server, { keys: [...rightKeys()], decoys: makeDecoys('rs') }));

const lastGrant = (): Grant => {
  const grant = world.server.grants.at(-1);
  if (grant === undefined) throw new Error('No user has signed in.');
  return grant;
};

/**
 * Signs a user in. After a rejected response nothing more is requested, the user sees an error, and there is
 * no session.
 */
async function trySignIn(outcome: OutcomeName, fault: Fault = {}) {
  const { user, browser } = createVisitor(world, fault);
  const signedIn = outcome === 'signed_in' ? user : null;
  const page = await observe(world, { browser, outcome, signedIn }, () => signIn(world, browser));
  if (outcome === 'invalid_response') {
    expect(world.server.requests.at(-1)).toMatch(
      fault.userinfo === undefined ? /\/(token|keys-[\w-]+)$/ : /\/userinfo$/,
    );
    expect(world.api.tokens.map((header) => header.slice('Bearer '.length))).not.toContain(
      lastGrant().accessTokens[0],
    );
  }
  return { user, browser, page };
}
const suffixed = (name: string): TokenFault => ({
  claims: (right) => ({ ...right, [name]: `${right[name]}1` }),
});
const nameless: TokenFault = { claims: { name: undefined } };

describe('oidcc-client-basic-certification-test-plan', () => {
  it.each<[rows: string, module: string, what: string, fault: Fault, outcome?: OutcomeName]>([
    [
      'CB-01, TK-01, RC-01',
      'oidcc-client-test',
      'a right ID token without a name is accepted',
      { idToken: nameless },
      'signed_in',
    ],
    [
      'ID-05',
      'oidcc-client-test-invalid-iss',
      'an ID token of another issuer is rejected as unverified',
      { idToken: suffixed('iss') },
    ],
    [
      'ID-10',
      'oidcc-client-test-missing-sub',
      'an ID token without a subject is rejected as unverified',
      { idToken: { claims: { sub: undefined } } },
    ],
    [
      'ID-06',
      'oidcc-client-test-invalid-aud',
      'an ID token for another audience is rejected as unverified',
      { idToken: suffixed('aud') },
    ],
    [
      'ID-08',
      'oidcc-client-test-missing-iat',
      'an ID token without a time of issue is rejected as unverified',
      { idToken: { claims: { iat: undefined } } },
    ],
    [
      'DI-10',
      'oidcc-client-test-kid-absent-multiple-jwks',
      'an ID token without a key id is rejected where there are several keys',
      { idToken: { header: { kid: undefined } } },
    ],
    [
      'ID-01',
      'oidcc-client-test-idtoken-sig-rs256',
      'an ID token signed with RS256 is accepted',
      {},
      'signed_in',
    ],
    [
      'ID-02',
      'oidcc-client-test-idtoken-sig-none',
      'an unsigned ID token is rejected as unverified',
      { idToken: { header: { alg: 'none', kid: undefined }, sign: () => '' } },
    ],
    [
      'ID-01',
      'oidcc-client-test-invalid-sig-rs256',
      'an ID token with a wrong signature is rejected as unverified',
      { idToken: { spoil: (token) => `${token.slice(0, -8)}AAAAAAAA` } },
    ],
    [
      'TK-17',
      'oidcc-client-test-userinfo-invalid-sub',
      'a userinfo response about another subject is rejected as unverified',
      { idToken: nameless, userinfo: { members: { sub: 'other' } } },
    ],
    [
      'ID-09',
      'oidcc-client-test-nonce-invalid',
      'an ID token with a wrong nonce is rejected as unverified',
      { idToken: suffixed('nonce') },
    ],
  ])('%s, %s: %s', async (_rows, _module, _what, fault, outcome = 'invalid_response') => {
    await trySignIn(outcome, fault);
  });

  it('DI-10, oidcc-client-test-kid-absent-single-jwks: an ID token without a key id is accepted where there is one key', async () => {
    Object.assign(world.server, { keys: [createSigningKey('RS256', 'single')], decoys: [] });
    await trySignIn('signed_in');
    await trySignIn('signed_in', { idToken: { header: { kid: undefined } } });
  });

  it('AZ-09, oidcc-client-test-scope-userinfo-claims: claims are requested by scope, and the page shows those from userinfo', async () => {
    const { user, page } = await trySignIn('signed_in', {
      idToken: { claims: { name: undefined, email: undefined } },
    });
    expect(lastGrant().request.get('scope')).toContain('openid profile email');
    expect(world.server.requests.at(-1)).toBe('GET /userinfo');
    expect(page.html).toContain(user.name.split(' <')[0]);
  });

  it('TK-17, oidcc-client-test-userinfo-signed: a name that only signed userinfo has is shown', async () => {
    const { user, browser } = createVisitor(world);
    const [key] = world.server.keys as [SigningKey];
    const claims = { iss: world.server.issuer, aud: world.server.client.id, ...user };
    const userinfo = {
      headers: { 'content-type': 'application/jwt' },
      body: makeToken(key, { header: {}, claims }),
    };
    world.server.fault = { idToken: nameless, userinfo };
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
  });

  it('CA-01, oidcc-client-test-client-secret-basic: the client authenticates itself correctly at the token endpoint', async () => {
    await trySignIn('signed_in');
    expect(world.server.oracle.breaches).toEqual([]);
  });
});

describe('oidcc-client-config-certification-test-plan', () => {
  const wellKnown = '/.well-known/openid-configuration';
  /** Its metadata have been of another issuer from the start. */
  let unknown: World;
  beforeAll(async () => {
    unknown = await startWorld((server) => {
      server.metadata = { members: { issuer: `${server.issuer}INVALID` } };
      return {};
    });
  });
  afterAll(() => unknown?.close());

  it('DI-01, oidcc-client-test-discovery-issuer-mismatch: metadata of another issuer is rejected before an authorization request', async () => {
    const { browser } = createVisitor(unknown);
    await observe(unknown, { browser, outcome: 'configuration_invalid', signedIn: null }, () =>
      signIn(unknown, browser),
    );
    expect(new Set(unknown.server.requests)).toEqual(new Set([`GET ${wellKnown}`]));
  });

  it('DI-01, oidcc-client-test-discovery-openid-config: the metadata is fetched once and used', async () => {
    await trySignIn('signed_in');
    expect(world.server.countOf(wellKnown)).toBe(1);
  });

  it('DI-07, oidcc-client-test-discovery-jwks-uri-keys: the keys are fetched from the jwks_uri of the metadata and from nowhere else', async () => {
    await trySignIn('signed_in');
    const asked = world.server.requests.filter((line) => /key|jwk|cert/i.test(line));
    expect(new Set(asked)).toEqual(new Set([`GET ${world.server.keysPath}`]));
  });

  it('ID-02, oidcc-client-test-idtoken-sig-none: an unsigned ID token is rejected although the metadata lists alg none', () =>
    trySignIn('invalid_response', { idToken: { header: { alg: 'none' }, sign: () => '' } }));

  it('DI-07, oidcc-client-test-signing-key-rotation-just-before-signing: the new key is fetched once and accepted', async () => {
    const before = world.server.countOf(world.server.keysPath);
    world.server.keys = [createSigningKey('RS256', 'just-before')];
    await trySignIn('signed_in');
    expect(world.server.countOf(world.server.keysPath)).toBe(before + 1);
  });

  it('DI-07, oidcc-client-test-signing-key-rotation: both keys are accepted when the key changes between two sign-ins', async () => {
    for (const kid of ['first', 'second']) {
      world.server.keys = [createSigningKey('RS256', kid)];
      await trySignIn('signed_in');
    }
  });
});

describe('oidcc-client-refreshtoken-test-plan', () => {
  const refresh = async (refreshedIdToken: TokenFault, outcome: OutcomeName) => {
    const { user, browser } = await trySignIn('signed_in', { refreshedIdToken });
    await expireAccessToken(world, browser);
    const signedIn = outcome === 'signed_in' ? user : null;
    await observe(world, { browser, outcome, signedIn }, () =>
      browser.visit(`${world.appOrigin}/dashboard/messages`),
    );
    const shown = world.api.tokens.includes(`Bearer ${lastGrant().accessTokens.at(-1)}`);
    expect([lastGrant().accessTokens.length, shown]).toEqual([2, outcome === 'signed_in']);
    if (outcome !== 'signed_in') expect(world.server.revoked).toContain(lastGrant().refreshTokens.at(-1));
  };

  it('RF-10, RF-01, oidcc-client-test-refresh-token: a session is refreshed, and the API receives the new token', () =>
    refresh({ claims: { nonce: undefined } }, 'signed_in'));
  it('RF-10, oidcc-client-test-refresh-token-invalid-issuer: a refreshed ID token of another issuer ends the session, and its tokens are revoked', () =>
    refresh(suffixed('iss'), 'session_rejected'));
  it.each([[['JWT']], [null], [7], [{}], [true]])(
    'RF-10: a refreshed ID token of another user whose type is %j ends the session, and its tokens are not used',
    (typ) => refresh({ ...suffixed('sub'), header: { typ } }, 'session_rejected'),
  );
  it.each([[['JWT']], [null], [7]])(
    'RF-10: a refreshed ID token of the same user whose type is %j ends the session too',
    (typ) => refresh({ header: { typ } }, 'session_rejected'),
  );
  it('RF-10, oidcc-client-test-refresh-token-invalid-sub: a refreshed ID token of another subject ends the session, and its tokens are revoked', () =>
    refresh(suffixed('sub'), 'session_rejected'));
});
