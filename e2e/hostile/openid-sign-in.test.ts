/**
 * The modules of the OpenID Foundation's conformance suite for relying parties, by their own names: Basic, Config and Refresh. Stricter than
 * the suite: no further request, an error that the person sees, and no session.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expireAccessToken } from '../support/seals.ts';
import { arrive } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import type { Fault, Grant } from './grant.ts';
import { signIn } from './journey.ts';
import type { TokenFault } from './json-web-token.ts';
import type { OutcomeName } from './outcomes.ts';
import { createSigningKey, makeDecoys } from './signing-keys.ts';
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
  if (grant === undefined) throw new Error('Nobody has signed in.');
  return grant;
};

/** Signs somebody in. The rule of a bad answer: nothing is asked after it, an error is seen, and there is no session. */
async function enter(outcome: OutcomeName, fault: Fault = {}) {
  const { person, browser } = arrive(world, fault);
  const signedIn = outcome === 'U-OK' ? person : null;
  const page = await observe(world, { browser, outcome, signedIn }, () => signIn(world, browser));
  if (outcome === 'U-REJECT') {
    expect(world.server.requests.at(-1)).toMatch(
      fault.userinfo === undefined ? /\/(token|keys-[\w-]+)$/ : /\/userinfo$/,
    );
    expect(world.api.tokens.map((header) => header.slice('Bearer '.length))).not.toContain(
      lastGrant().accessTokens[0],
    );
  }
  return { person, browser, page };
}
const suffixed = (name: string): TokenFault => ({
  claims: (right) => ({ ...right, [name]: `${right[name]}1` }),
});
const nameless: TokenFault = { claims: { name: undefined } };

type Module = { row: string; module: string; fault?: Fault; outcome: OutcomeName };

describe('oidcc-client-basic-certification-test-plan', () => {
  it.each<Module>([
    {
      row: 'CB-01, TK-01, RC-01',
      module: 'oidcc-client-test',
      fault: { idToken: nameless },
      outcome: 'U-OK',
    },
    {
      row: 'ID-05',
      module: 'oidcc-client-test-invalid-iss',
      fault: { idToken: suffixed('iss') },
      outcome: 'U-REJECT',
    },
    {
      row: 'ID-10',
      module: 'oidcc-client-test-missing-sub',
      fault: { idToken: { claims: { sub: undefined } } },
      outcome: 'U-REJECT',
    },
    {
      row: 'ID-06',
      module: 'oidcc-client-test-invalid-aud',
      fault: { idToken: suffixed('aud') },
      outcome: 'U-REJECT',
    },
    {
      row: 'ID-08',
      module: 'oidcc-client-test-missing-iat',
      fault: { idToken: { claims: { iat: undefined } } },
      outcome: 'U-REJECT',
    },
    {
      row: 'DI-10',
      module: 'oidcc-client-test-kid-absent-multiple-jwks',
      fault: { idToken: { header: { kid: undefined } } },
      outcome: 'U-REJECT',
    },
    { row: 'ID-01', module: 'oidcc-client-test-idtoken-sig-rs256', outcome: 'U-OK' },
    {
      row: 'ID-02',
      module: 'oidcc-client-test-idtoken-sig-none',
      fault: { idToken: { header: { alg: 'none', kid: undefined }, sign: () => '' } },
      outcome: 'U-REJECT',
    },
    {
      row: 'ID-01',
      module: 'oidcc-client-test-invalid-sig-rs256',
      fault: { idToken: { spoil: (token) => `${token.slice(0, -8)}AAAAAAAA` } },
      outcome: 'U-REJECT',
    },
    {
      row: 'TK-17',
      module: 'oidcc-client-test-userinfo-invalid-sub',
      fault: { idToken: nameless, userinfo: { members: { sub: 'other' } } },
      outcome: 'U-REJECT',
    },
    {
      row: 'ID-09',
      module: 'oidcc-client-test-nonce-invalid',
      fault: { idToken: suffixed('nonce') },
      outcome: 'U-REJECT',
    },
  ])('$row, $module: $outcome', async ({ fault, outcome }) => {
    await enter(outcome, fault);
  });

  it('DI-10, oidcc-client-test-kid-absent-single-jwks: U-OK', async () => {
    Object.assign(world.server, { keys: [createSigningKey('RS256', 'single')], decoys: [] });
    await enter('U-OK');
    await enter('U-OK', { idToken: { header: { kid: undefined } } });
  });

  it('AZ-09, oidcc-client-test-scope-userinfo-claims: asks by scope, and shows what userinfo says', async () => {
    const { person, page } = await enter('U-OK', {
      idToken: { claims: { name: undefined, email: undefined } },
    });
    expect(lastGrant().request.get('scope')).toContain('openid profile email');
    expect(world.server.requests.at(-1)).toBe('GET /userinfo');
    expect(page.html).toContain(person.name.split(' <')[0]);
  });

  it('CA-01, oidcc-client-test-client-secret-basic: U-OK, as every exchange of this server is checked for', async () => {
    await enter('U-OK');
    expect(world.server.oracle.breaches).toEqual([]);
  });
});

describe('oidcc-client-config-certification-test-plan', () => {
  const wellKnown = '/.well-known/openid-configuration';

  it('DI-01, oidcc-client-test-discovery-issuer-mismatch: no authorization request', async () => {
    const other = await startWorld();
    const { browser } = arrive(other);
    other.server.metadata = { members: { issuer: `${other.server.issuer}INVALID` } };
    await observe(other, { browser, outcome: 'U-CONFIG', signedIn: null }, () => signIn(other, browser));
    expect(other.server.requests).toEqual([`GET ${wellKnown}`]);
    await other.close();
  });

  it('DI-01, oidcc-client-test-discovery-openid-config: the metadata is fetched and used', async () => {
    await enter('U-OK');
    expect(world.server.countOf(wellKnown)).toBe(1);
  });

  it('DI-07, oidcc-client-test-discovery-jwks-uri-keys: the keys come from its jwks_uri, which is new in each run, and are looked for nowhere else', async () => {
    await enter('U-OK');
    const asked = world.server.requests.filter((line) => /key|jwk|cert/i.test(line));
    expect(new Set(asked)).toEqual(new Set([`GET ${world.server.keysPath}`]));
  });

  it('ID-02, oidcc-client-test-idtoken-sig-none: rejected, although the metadata lists it', () =>
    enter('U-REJECT', { idToken: { header: { alg: 'none' }, sign: () => '' } }));

  it('DI-07, oidcc-client-test-signing-key-rotation-just-before-signing: the new keys are fetched, and taken', async () => {
    const before = world.server.countOf(world.server.keysPath);
    world.server.keys = [createSigningKey('RS256', 'just-before')];
    await enter('U-OK');
    expect(world.server.countOf(world.server.keysPath)).toBe(before + 1);
  });

  it('DI-07, oidcc-client-test-signing-key-rotation: keys that are replaced between two sign-ins: both are taken', async () => {
    for (const kid of ['first', 'second']) {
      world.server.keys = [createSigningKey('RS256', kid)];
      await enter('U-OK');
    }
  });
});

describe('oidcc-client-refreshtoken-test-plan', () => {
  const renew = async (refreshedIdToken: TokenFault, outcome: OutcomeName) => {
    const { person, browser } = await enter('U-OK', { refreshedIdToken });
    await expireAccessToken(world, browser);
    const signedIn = outcome === 'U-OK' ? person : null;
    await observe(world, { browser, outcome, signedIn }, () =>
      browser.visit(`${world.appOrigin}/dashboard/messages`),
    );
    const shown = world.api.tokens.includes(`Bearer ${lastGrant().accessTokens.at(-1)}`);
    expect([lastGrant().accessTokens.length, shown]).toEqual([2, outcome === 'U-OK']);
    if (outcome !== 'U-OK') expect(world.server.revoked).toContain(lastGrant().refreshTokens.at(-1));
  };

  it('RF-10, RF-01, oidcc-client-test-refresh-token: renews, and the API gets the new token', () =>
    renew({ claims: { nonce: undefined } }, 'U-OK'));
  it('RF-10, oidcc-client-test-refresh-token-invalid-issuer: the session is over, and nobody gets the new token', () =>
    renew(suffixed('iss'), 'U-AGAIN'));
  it('RF-10, oidcc-client-test-refresh-token-invalid-sub: the session is over, and nobody gets the new token', () =>
    renew(suffixed('sub'), 'U-AGAIN'));
});
