import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePart, expectInvalidToken } from '../testing/expect-invalid-token.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { buildClaims, createTestKey, signToken, type TestKey } from '../testing/test-authorization-server.ts';

let api: TestApi;
const expectRefused = (token: string) => expectInvalidToken(api, token);
const keys = new Map<string, TestKey>();
beforeAll(async () => {
  api = await startTestApi();
  for (const alg of ['PS256', 'ES256', 'EdDSA'])
    keys.set(alg, await createTestKey(`key-${alg}`, alg === 'EdDSA' ? 'Ed25519' : alg));
  api.server.keys.push(...[...keys.values()].map(({ jwk: { alg: _, ...jwk } }) => jwk));
});
afterAll(() => api[Symbol.asyncDispose]());

const keyOf = (alg: string): TestKey => {
  const key = keys.get(alg);
  if (!key) throw new Error(alg);
  return key;
};

describe('RS-03: type', () => {
  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
    'RS-03: %s is accepted',
    async (typ) => {
      expect((await api.get('/contacts', await api.token({}, { typ }))).status).toBe(200);
    },
  );

  test.each([
    'JWT',
    'jwt',
    'logout+jwt',
    'dpop+jwt',
    'token-introspection+jwt',
    'at+jwt ',
    'xat+jwt',
    '',
    undefined,
    1,
  ])('RS-03: a token of type %j is rejected', async (typ) => expectRefused(await api.token({}, { typ })));
});

describe('RS-04: algorithm', () => {
  test.each(['PS256', 'ES256', 'EdDSA'])('RS-04: %s is accepted', async (alg) => {
    const claims = buildClaims(api.server.issuer, api.identifier);
    const token = await signToken({ claims, header: { alg }, key: keyOf(alg) });
    expect((await api.get('/contacts', token)).status).toBe(200);
  });

  test.each(['none', 'None', 'nOnE', '', undefined, null, 'HS256', 'RS384', 'ES256K'])(
    'RS-04: alg %j is rejected with an empty and with a copied signature',
    async (alg) => {
      const [, payload, signature] = (await api.token()).split('.');
      const header = encodePart({ alg, typ: 'at+jwt', kid: 'key-1' });
      await expectRefused(`${header}.${payload}.`);
      await expectRefused(`${header}.${payload}.${signature}`);
    },
  );

  test('RS-04: HS256 with the public key as secret is rejected', async () => {
    const [, payload] = (await api.token()).split('.');
    const input = `${encodePart({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })}.${payload}`;
    const secret = await exportSPKI(api.key.publicKey);
    await expectRefused(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`);
  });

  test('RS-04: RS256 and PS256 cannot be swapped', async () => {
    for (const [from, alg] of [
      ['RS256', 'PS256'],
      ['PS256', 'RS256'],
    ] as const) {
      const key = from === 'RS256' ? api.key : keyOf('PS256');
      const claims = buildClaims(api.server.issuer, api.identifier);
      const [, payload, signature] = (await signToken({ claims, key })).split('.');
      await expectRefused(`${encodePart({ alg, typ: 'at+jwt', kid: key.kid })}.${payload}.${signature}`);
    }
  });

  test('RS-04: zero, short and long ES256 signatures are rejected', async () => {
    const claims = buildClaims(api.server.issuer, api.identifier);
    const [header, payload] = (await signToken({ claims, key: keyOf('ES256') })).split('.');
    for (const length of [64, 1, 63, 65, 72, 4096])
      await expectRefused(`${header}.${payload}.${Buffer.alloc(length).toString('base64url')}`);
  });

  test('RS-04: a changed payload and a changed signature are rejected', async () => {
    const [header, payload, signature = ''] = (await api.token()).split('.');
    const changed = encodePart({ ...buildClaims(api.server.issuer, api.identifier), sub: 'user-b' });
    await expectRefused(`${header}.${changed}.${signature}`);
    await expectRefused(`${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`);
  });
});
