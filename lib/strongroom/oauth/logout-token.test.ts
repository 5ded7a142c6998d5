import { createLocalJWKSet } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { shortenProviderSessionId } from '../session/revocation-keys';
import { appErrorOf } from '../testing/expect-app-error';
import { createTestKey, type IdTokenParts, signIdToken, type TestKey } from '../testing/id-tokens';
import { logoutEvent, signLogoutToken } from '../testing/logout-tokens';
import { noonSec } from '../testing/sessions';
import { type LogoutExpectation, verifyLogoutToken } from './logout-token';

type Mutant = Omit<IdTokenParts, 'key'>;

let key: TestKey;
beforeAll(async () => {
  key = await createTestKey('RS256');
});

function expectation(changes: Partial<LogoutExpectation> = {}): LogoutExpectation {
  const keys = createLocalJWKSet({ keys: [key.jwk] });
  return { issuer: 'https://issuer.example', clientId: 'client-1', keys, ...changes };
}

const verifyText = (token: string, expected = expectation()) =>
  verifyLogoutToken(token, expected, () => noonSec);
const verify = async (parts: Mutant = {}, expected = expectation()) =>
  verifyText(await signLogoutToken({ key, ...parts }), expected);

async function reasonOf(parts: Mutant): Promise<string> {
  const error = await appErrorOf(() => verify(parts));
  expect(error.code).toBe('invalid_response');
  return error.reason;
}

describe('a good logout token', () => {
  const both = { jti: 'jti-1', issuedAtSec: noonSec, providerSessionId: 'sid-1', subject: 'user-1' };

  it('BL-01: names the session and the user', async () => {
    expect(await verify()).toEqual(both);
  });

  it('BL-04: with sid or sub alone names that one', async () => {
    expect(await verify({ claims: { sub: undefined } })).toEqual({ ...both, subject: null });
    expect(await verify({ claims: { sid: undefined } })).toEqual({ ...both, providerSessionId: null });
  });

  it.each(['RS256', 'RS384', 'PS512', 'ES384', 'EdDSA'])('ID-02: may be signed with %s', async (alg) => {
    const own = await createTestKey(alg);
    const keys = createLocalJWKSet({ keys: [own.jwk] });
    const token = await signLogoutToken({ key: own });
    expect(await verifyText(token, expectation({ keys }))).toEqual(both);
    expect(await verifyText(token, expectation({ keys, algorithm: alg }))).toEqual(both);
  });

  it.each([undefined, 'JWT', 'jwt', 'logout+jwt', 'LOGOUT+JWT', 'application/logout+jwt'])(
    'BL-03: may have the type %s',
    async (typ) => {
      expect(await verify({ header: { typ } })).toEqual(both);
    },
  );

  it('BL-06: unknown claims are ignored', async () => {
    const claims = {
      ignored_claim: 'x',
      auth_time: noonSec,
      azp: 'other',
      events: { [logoutEvent]: { reason: 'x' }, 'https://example.com/other': [1] },
    };
    expect(await verify({ claims })).toEqual(both);
  });

  it('BL-06: may be for several audiences if our client is one of them', async () => {
    expect(await verify({ claims: { aud: ['client-2', 'client-1'] } })).toEqual(both);
    expect(await verify({ claims: { aud: ['client-1'] } })).toEqual(both);
  });

  it.each<[string, Mutant]>([
    ['of a server whose clock is a minute ahead', { atSec: noonSec + 60 }],
    ['that was delivered after ten minutes and the tolerance', { claims: { iat: noonSec - 660 } }],
    ['that ended within the tolerance', { claims: { exp: noonSec - 59 } }],
  ])('BL-02: a token %s is accepted', async (_which, parts) => {
    expect((await verify(parts)).jti).toBe('jti-1');
  });

  it('BL-02: without exp is accepted for as long as its time of issue allows', async () => {
    const late = { exp: undefined, iat: noonSec - 660 };
    expect((await verify({ claims: late })).jti).toBe('jti-1');
    expect(await reasonOf({ claims: { ...late, iat: noonSec - 661 } })).toBe('logout_token_iat');
  });

  it('BL-04: names a session with a long sid by its hash, as the session itself does', async () => {
    const [sid, jti] = ['s'.repeat(300), 'j'.repeat(300)];
    const { providerSessionId } = await verify({ claims: { sid, jti } });
    expect(providerSessionId).toBe(shortenProviderSessionId(sid));
    expect(providerSessionId).toHaveLength(43);
    expect(providerSessionId).not.toBe((await verify({ claims: { sid: `${sid}s` } })).providerSessionId);
    expect((await verify({ claims: { sid: 's'.repeat(255) } })).providerSessionId).toBe('s'.repeat(255));
  });

  it('BL-07: tells when the user signed out, in whole seconds', async () => {
    expect((await verify({ claims: { iat: noonSec - 9.5 } })).issuedAtSec).toBe(noonSec - 10);
  });
});

describe('claims of a logout token', () => {
  const other = 'http://schemas.openid.net/event/foobar';

  it.each<[module: string, claims: Record<string, unknown>, reason: string]>([
    ['wrong-iss', { iss: 'https://other.example' }, 'iss'],
    ['wrong-iss', { iss: 'https://issuer.example/' }, 'iss'],
    ['wrong-iss', { iss: undefined }, 'iss'],
    ['wrong-aud', { aud: 'client-2' }, 'aud'],
    ['wrong-aud', { aud: ['client-2', 'client-11'] }, 'aud'],
    ['wrong-aud', { aud: [] }, 'aud'],
    ['wrong-aud', { aud: undefined }, 'aud'],
    ['no-event', { events: undefined }, 'events'],
    ['no-event', { events: {} }, 'events'],
    ['wrong-event', { events: { [other]: {} } }, 'events'],
    ['wrong-event', { events: { [`${logoutEvent}/`]: {} } }, 'events'],
    ['wrong-event', { events: JSON.parse(`{"__proto__":{"${logoutEvent}":{}}}`) }, 'events'],
    ['wrong-event', { events: logoutEvent }, 'events'],
    ['wrong-event', { events: [logoutEvent] }, 'events'],
    ['wrong-event', { events: null }, 'events'],
    ['wrong-event', { events: { [logoutEvent]: '' } }, 'events'],
    ['wrong-event', { events: { [logoutEvent]: 'x' } }, 'events'],
    ['wrong-event', { events: { [logoutEvent]: [] } }, 'events'],
    ['wrong-event', { events: { [logoutEvent]: null } }, 'events'],
    ['wrong-event', { events: { [logoutEvent]: true } }, 'events'],
    ['with-nonce', { nonce: 'nonce-1' }, 'nonce'],
    ['with-nonce', { nonce: '' }, 'nonce'],
    ['with-nonce', { nonce: null }, 'nonce'],
  ])('BL-02, rp-backchannel-rpinitlogout-%s: %j is rejected', async (_module, claims, reason) => {
    expect(await reasonOf({ claims })).toBe(`logout_token_${reason}`);
  });

  it.each<[claims: Record<string, unknown>, reason: string]>([
    [{ sid: undefined, sub: undefined }, 'without_target'],
    [{ sid: '', sub: undefined }, 'sid'],
    [{ sid: ['sid-1'] }, 'sid'],
    [{ sid: null }, 'sid'],
    [{ sid: undefined, sub: '' }, 'sub'],
    [{ sub: 7 }, 'sub'],
    [{ sub: { $ne: null } }, 'sub'],
    [{ jti: undefined }, 'jti'],
    [{ jti: '' }, 'jti'],
    [{ jti: 7 }, 'jti'],
    [{ iat: undefined }, 'iat'],
    [{ iat: noonSec - 661 }, 'iat'],
    [{ iat: noonSec + 61 }, 'iat'],
    [{ iat: String(noonSec) }, 'iat'],
    [{ iat: null }, 'iat'],
    [{ iat: 1e300 }, 'iat'],
    [{ exp: noonSec - 60 }, 'exp'],
    [{ exp: String(noonSec + 120) }, 'exp'],
    [{ nbf: noonSec + 3_600 }, 'nbf'],
  ])('BL-02: %.80j is rejected', async (claims, reason) => {
    expect(await reasonOf({ claims })).toBe(`logout_token_${reason}`);
  });
});

describe('the type of a logout token', () => {
  it.each([
    'at+jwt',
    'application/at+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'id_token+jwt',
    'logout+jwt2',
    'xJWT',
    '',
  ])('BL-03: "%s" is no logout token', async (typ) => {
    expect(await reasonOf({ header: { typ } })).toBe('logout_token_typ');
  });

  it('BL-03: an ID token posted as a logout token is rejected', async () => {
    for (const claims of [{}, { nonce: undefined }, { jti: 'jti-1', sid: 'sid-1' }]) {
      const token = await signIdToken({ key, claims });
      expect((await appErrorOf(() => verifyText(token))).reason).toMatch(/^logout_token_(jti|events)$/);
    }
  });

  it('BL-03: an access token posted as a logout token is rejected, whatever its type says', async () => {
    const claims = { nonce: undefined, jti: 'jti-1', client_id: 'client-1', scope: 'openid' };
    for (const typ of ['at+jwt', 'JWT', undefined]) {
      const token = await signIdToken({ key, claims, header: { typ } });
      expect((await appErrorOf(() => verifyText(token))).reason).toBe(
        `logout_token_${typ === 'at+jwt' ? 'typ' : 'events'}`,
      );
    }
    const events = { events: { [logoutEvent]: {} } };
    const disguised = await signIdToken({ key, claims: { ...claims, ...events }, header: { typ: 'at+jwt' } });
    expect((await appErrorOf(() => verifyText(disguised))).reason).toBe('logout_token_typ');
  });
});
