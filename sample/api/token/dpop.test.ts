import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendRaw } from '../testing/raw-request.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { createTestKey, type TestKey } from '../testing/test-authorization-server.ts';

let api: TestApi;
let proofKey: TestKey;
let bound: string;
beforeAll(async () => {
  api = await startTestApi();
  proofKey = await createTestKey('', 'ES256');
  bound = await api.token({ cnf: { jkt: await calculateJwkThumbprint(proofKey.jwk) } });
});
afterAll(() => api[Symbol.asyncDispose]());

const publicJwk = ({ kty, crv, x, y }: TestKey['jwk']) => ({ kty, crv, x, y });
const nowSec = () => Math.floor(Date.now() / 1000);

function createProof(
  claims: JWTPayload = {},
  header: Record<string, unknown> = {},
  key = proofKey,
): Promise<string> {
  const good = {
    jti: crypto.randomUUID(),
    iat: nowSec(),
    htm: 'GET',
    htu: `${api.identifier}/contacts`,
    ath: createHash('sha256').update(bound).digest('base64url'),
  };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk(key.jwk), ...header })
    .sign(key.privateKey);
}

const callBound = (proof: string, path = '/contacts') =>
  api.get(path, { authorization: `DPoP ${bound}`, dpop: proof });

describe('RS-12: the scheme fits the token', () => {
  test('RS-12: a bound token with a good proof is accepted', async () => {
    expect((await callBound(await createProof())).status).toBe(200);
  });

  test('RS-12: a bound token as Bearer is rejected, with and without a proof', async () => {
    const authorization = `Bearer ${bound}`;
    const headersOf: Record<string, string>[] = [
      { authorization },
      { authorization, dpop: await createProof() },
    ];
    for (const headers of headersOf) {
      const response = await api.get('/contacts', headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  test('RS-12: an unbound token under the scheme DPoP is rejected', async () => {
    const token = await api.token();
    const ath = createHash('sha256').update(token).digest('base64url');
    const response = await api.get('/contacts', {
      authorization: `DPoP ${token}`,
      dpop: await createProof({ ath }),
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^DPoP .*error="invalid_token".*algs="RS256 PS256 ES256 EdDSA"/,
    );
  });

  test.each([{}, { jkt: 7 }, { 'x5t#S256': 'x' }, { jkt: 'x', 'x5t#S256': 'x' }, 'text', ['x']])(
    'RS-12: a token bound as %j is rejected as Bearer',
    async (cnf) => expect((await api.get('/contacts', await api.token({ cnf }))).status).toBe(401),
  );
});

describe('RS-13: the proof', () => {
  test('RS-13: the query does not count in htu', async () => {
    const proof = await createProof({ htu: `${api.identifier}/contacts?x=1#y` });
    expect((await callBound(proof, '/contacts?q=a')).status).toBe(200);
  });

  const mutants: [string, JWTPayload, Record<string, unknown>?][] = [
    ['another method', { htm: 'POST' }],
    ['a method in lower case', { htm: 'get' }],
    ['no method', { htm: undefined }],
    ['another address', { htu: 'http://127.0.0.1:1/contacts' }],
    ['another path', { htu: 'http://127.0.0.1/' }],
    ['no address', { htu: undefined }],
    ['an address that is none', { htu: 'contacts' }],
    ['an old date', { iat: Math.floor(Date.now() / 1000) - 90 }],
    ['a date ahead', { iat: Math.floor(Date.now() / 1000) + 90 }],
    ['no date', { iat: undefined }],
    ['no jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['a long jti', { jti: 'j'.repeat(500) }],
    ['the hash of another token', { ath: 'x' }],
    ['no hash', { ath: undefined }],
    ['another type', {}, { typ: 'JWT' }],
    ['no key', {}, { jwk: undefined }],
  ];
  test.each(mutants)('RS-13: a proof with %s is rejected', async (_, claims, header) => {
    const response = await callBound(await createProof(claims, header));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof"/);
  });

  test('RS-13: a proof that was not signed by its key is rejected', async () => {
    const [header, payload] = (await createProof()).split('.');
    const signature = (await createProof()).split('.')[2];
    const response = await callBound(`${header}.${payload}.${signature}`);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_dpop_proof"');
  });

  test('RS-13: a good proof of another key is rejected', async () => {
    const other = await createTestKey('', 'ES256');
    expect((await callBound(await createProof({}, {}, other))).status).toBe(401);
  });

  test('RS-13: two proofs in two headers are rejected', async () => {
    const lines = [`DPoP: ${await createProof()}`, `DPoP: ${await createProof()}`];
    const answer = await sendRaw(api.identifier, [
      'GET /contacts HTTP/1.1',
      `Authorization: DPoP ${bound}`,
      ...lines,
    ]);
    expect(answer.status).toBe(401);
  });

  test('RS-13: a proof is accepted once', async () => {
    const proof = await createProof();
    expect((await callBound(proof)).status).toBe(200);
    const response = await callBound(proof);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_dpop_proof"');
  });
});
