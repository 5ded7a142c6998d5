import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { createTestKey, signIdToken, type TestKey } from '../testing/id-tokens';
import { noonSec } from '../testing/sessions';
import { verifyIdToken } from './id-token';
import { signingKeys } from './signing-keys';

let server: TestServer;
let keys: TestKey[];
/** Has the id of the first one. */
let forger: TestKey;

beforeAll(async () => {
  server = await startTestServer();
  keys = await Promise.all(['a', 'b', 'c'].map((kid) => createTestKey('ES256', kid)));
  forger = await createTestKey('ES256', keyAt(0).kid);
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment();
  server.reset();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

function keyAt(index: number): TestKey {
  const key = keys[index];
  if (key === undefined) throw new Error('no such key');
  return key;
}

/** The JWKS of the server lists the keys at these indexes. */
function publish(...indexes: number[]): void {
  server.handlers['/keys'] = json({ keys: indexes.map((index) => keyAt(index).jwk) });
}

async function verifyWith(index: number, header = {}, key = keyAt(index)) {
  const token = await signIdToken({ key, header });
  const expected = {
    issuer: 'https://issuer.example',
    clientId: 'client-1',
    keys: signingKeys(`${server.origin}/keys`, { isPatient: true }),
    accessToken: 'a',
    nonce: 'nonce-1',
  };
  return verifyIdToken(token, expected, () => noonSec);
}

const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('the keys of the authorization server', () => {
  it('DI-03: are fetched once for many ID tokens', async () => {
    publish(0);
    await Promise.all([1, 2, 3, 4].map(() => verifyWith(0)));
    wait(60_000);
    await verifyWith(0);
    expect(server.countOf('/keys')).toBe(1);
  });

  it('DI-07: two rotations within five seconds are both followed', async () => {
    publish(0);
    await verifyWith(0);
    publish(1);
    wait(2_000);
    expect((await verifyWith(1)).sub).toBe('user-1');
    publish(2);
    wait(2_000);
    expect((await verifyWith(2)).sub).toBe('user-1');
    expect(server.countOf('/keys')).toBe(3);
  });

  it('DI-07: a key that was published within a second of the last request is found by a second request', async () => {
    publish(0);
    await verifyWith(0);
    publish(1);
    const waiting = verifyWith(1);
    wait(2_000);
    expect((await waiting).sub).toBe('user-1');
    expect(server.countOf('/keys')).toBe(2);
  });

  it('DI-07: a key that took the place of another under the same id is found after a bad signature', async () => {
    publish(0);
    await verifyWith(0);
    wait(2_000);
    const renewed = await createTestKey('ES256', keyAt(0).kid);
    server.handlers['/keys'] = json({ keys: [renewed.jwk] });
    expect((await verifyWith(0, {}, renewed)).sub).toBe('user-1');
    expect(server.countOf('/keys')).toBe(2);
  });

  it.each<[string, (number: number) => Promise<unknown>, string]>([
    ['bad signatures', () => verifyWith(0, {}, forger), 'id_token_signature'],
    ['unknown key ids', (number) => verifyWith(1, { kid: `random-${number}` }), 'id_token_key'],
  ])('DI-08: a flood of %s causes at most one request a second', async (_what, send, reason) => {
    publish(0);
    await verifyWith(0);
    wait(2_000);
    const rejections = await Promise.all(
      Array.from({ length: 100 }, (_, number) => appErrorOf(() => send(number))),
    );
    expect(new Set(rejections.map((error) => error.reason))).toEqual(new Set([reason]));
    expect(server.countOf('/keys')).toBe(2);
  });

  it('DI-08: a bad signature stays one when the keys cannot be fetched again', async () => {
    publish(0);
    await verifyWith(0);
    wait(2_000);
    server.handlers['/keys'] = json({}, 503);
    const error = await appErrorOf(() => verifyWith(0, {}, forger));
    expect([error.reason, error.isUnverifiable]).toEqual(['id_token_signature', false]);
  });

  it('DI-09: while they are out of reach, cached ones keep verifying, and an unknown one means "down"', async () => {
    publish(0);
    await verifyWith(0);
    server.handlers['/keys'] = json({}, 503);
    wait(5_000);
    expect((await verifyWith(0)).sub).toBe('user-1');
    expect((await appErrorOf(() => verifyWith(1))).code).toBe('temporarily_unavailable');
  });

  it('DI-11: broken, private and encryption keys beside the right one are ignored', async () => {
    const junk = [
      {},
      { kty: 'RSA' },
      { kty: 'EC', kid: 'a', crv: 'P-256', use: 'enc' },
      { kty: 'oct', k: 'AAAA' },
    ];
    server.handlers['/keys'] = json({ keys: [...junk, keyAt(0).jwk] });
    expect((await verifyWith(0)).sub).toBe('user-1');
  });

  it('TK-06: a redirect of their address is not followed', async () => {
    server.handlers['/keys'] = (_request, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end();
    expect((await appErrorOf(() => verifyWith(0))).reason).toBe('redirect');
    expect(server.countOf('/elsewhere')).toBe(0);
  });

  it.each([
    ['HTML', 200, '<html>'],
    ['404', 404, '{}'],
    ['no list', 200, '{"keys":7}'],
  ])(
    'DI-04: %s in place of keys means that the keys are unusable, not that the token is invalid',
    async (_name, status, body) => {
      server.handlers['/keys'] = (_request, response) => response.writeHead(status).end(body);
      const { code, reason } = await appErrorOf(() => verifyWith(0));
      expect([code, reason]).toEqual(['temporarily_unavailable', 'keys_unusable']);
    },
  );
});
