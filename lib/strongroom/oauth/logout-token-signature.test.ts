import { createHmac } from 'node:crypto';
import { createLocalJWKSet, exportSPKI } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { createTestKey, type TestKey } from '../testing/id-tokens';
import { signLogoutToken } from '../testing/logout-tokens';
import { noonSec } from '../testing/sessions';
import { type LogoutExpectation, verifyLogoutToken } from './logout-token';
import { signingKeys } from './signing-keys';

let server: TestServer;
let key: TestKey;
let good: string;

beforeAll(async () => {
  server = await startTestServer();
  key = await createTestKey('RS256');
  good = await signLogoutToken({ key });
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function verify(token: string, changes: Partial<LogoutExpectation> = {}) {
  const keys = createLocalJWKSet({ keys: [key.jwk] });
  const expected = { issuer: 'https://issuer.example', clientId: 'client-1', keys, ...changes };
  return verifyLogoutToken(token, expected, () => noonSec);
}

async function rejectionOf(token: string, changes: Partial<LogoutExpectation> = {}): Promise<string> {
  const error = await appErrorOf(() => verify(token, changes));
  expect(error.code).toBe('invalid_response');
  return error.reason;
}

describe('the signature of a logout token', () => {
  it.each(['none', 'None', 'NONE', ''])(
    'BL-02, rp-backchannel-rpinitlogout-alg-none: the algorithm "%s" is rejected',
    async (alg) => {
      const [, payload, signature] = good.split('.');
      for (const end of ['', 'AAAA', signature])
        expect(await rejectionOf(`${encode({ alg, typ: 'logout+jwt' })}.${payload}.${end}`)).toMatch(
          /^logout_token_(alg|malformed)$/,
        );
    },
  );

  it.each([
    ['RS256', 'ES256'],
    ['ES256', 'RS256'],
    ['PS256', 'RS256'],
    ['EdDSA', 'ES256'],
  ])(
    'BL-02, rp-backchannel-rpinitlogout-wrong-alg: configured for %s, one signed with %s is rejected',
    async (algorithm, alg) => {
      const own = await createTestKey(alg);
      const keys = createLocalJWKSet({ keys: [own.jwk] });
      const token = await signLogoutToken({ key: own });
      expect(await rejectionOf(token, { keys, algorithm })).toBe('logout_token_alg');
      expect((await verify(token, { keys, algorithm: null })).jti).toBe('jti-1');
    },
  );

  it('ID-03: HS256 with the public key as secret is rejected', async () => {
    for (const secret of [await exportSPKI(key.publicKey), JSON.stringify(key.jwk)]) {
      const input = `${encode({ alg: 'HS256', kid: key.kid })}.${good.split('.')[1]}`;
      const signature = createHmac('sha256', secret).update(input).digest('base64url');
      expect(await rejectionOf(`${input}.${signature}`)).toBe('logout_token_alg');
    }
  });

  it('BL-02: by another key, cut, empty, or over other claims is rejected', async () => {
    const [header = '', payload = '', signature = ''] = good.split('.');
    const other = await createTestKey('RS256', key.kid);
    const changed = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = [
      await signLogoutToken({ key: other }),
      `${header}.${encode({ ...changed, sub: 'user-2' })}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}`,
      `${header}.${payload}.`,
    ];
    for (const token of forged)
      expect(await rejectionOf(token)).toMatch(/^logout_token_(signature|malformed)$/);
  });

  it.each(['', 'a', 'a.b', 'a.b.c', 'a.b.c.d.e', '..', 'ž.ž.ž'])(
    'BL-02: "%s" is rejected and crashes nothing',
    async (token) => {
      expect(await rejectionOf(token)).toBe('logout_token_malformed');
    },
  );

  it('BL-02: that is encrypted is rejected as such', async () => {
    const header = encode({ alg: 'RSA-OAEP-256', enc: 'A256GCM' });
    expect(await rejectionOf(`${header}.AAAA.AAAA.AAAA.AAAA`)).toBe('logout_token_encrypted');
    expect(await rejectionOf(`${encode({ alg: 'RS256' })}.AAAA.AAAA.AAAA.AAAA`)).toBe(
      'logout_token_malformed',
    );
  });

  it('BL-05: of more than 16 kB is rejected before it is decoded', async () => {
    const keys = () => Promise.reject(new Error('was asked'));
    expect(await rejectionOf('a'.repeat(16_001), { keys })).toBe('logout_token_too_large');
  });
});

describe('the keys for a logout token', () => {
  const publish = (...keys: TestKey[]) => {
    server.handlers['/keys'] = json({ keys: keys.map(({ jwk }) => jwk) });
  };

  it('BL-06: a new key of the server is fetched, and the old one is rejected', async () => {
    const next = await createTestKey('RS256', 'key-2');
    const keys = signingKeys(`${server.origin}/keys`, { isPatient: false });
    publish(key);
    expect((await verify(good, { keys })).jti).toBe('jti-1');
    publish(next);
    vi.setSystemTime((noonSec + 2) * 1000);
    expect((await verify(await signLogoutToken({ key: next }), { keys })).jti).toBe('jti-1');
    expect(await rejectionOf(good, { keys })).toBe('logout_token_key');
  });

  it('BL-05, DI-08: a flood of unknown key ids causes at most one request a second', async () => {
    const keys = signingKeys(`${server.origin}/keys`, { isPatient: false });
    publish(key);
    server.requests.length = 0;
    const flood = Array.from({ length: 100 }, (_, number) =>
      signLogoutToken({ key, header: { kid: `unknown-${number}` } }),
    );
    const rejections = (await Promise.all(flood)).map((token) => rejectionOf(token, { keys }));
    expect(new Set(await Promise.all(rejections))).toEqual(new Set(['logout_token_key']));
    expect(server.countOf('/keys')).toBe(1);
  });

  it('DI-09: that are out of reach do not mean that the token is invalid: the sender may try again', async () => {
    server.handlers['/keys'] = (_request, response) => response.writeHead(503).end();
    const error = await appErrorOf(() =>
      verify(good, { keys: signingKeys(`${server.origin}/keys`, { isPatient: false }) }),
    );
    expect(error.code).toBe('temporarily_unavailable');
  });
});
