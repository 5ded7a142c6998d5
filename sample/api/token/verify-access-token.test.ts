import { KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePart, expectInvalidToken } from '../testing/expect-invalid-token.ts';
import { budget } from '../testing/fuzz-budget.ts';
import { isSameToken, spoiledToken } from '../testing/spoiled-tokens.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { buildClaims, createTestKey, signToken } from '../testing/test-authorization-server.ts';

let api: TestApi;
const expectRefused = (token: string) => expectInvalidToken(api, token);
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('RS-05: issuer and keys', () => {
  test.each(['/', '/x', '?', ' '])('RS-05: the issuer with %j added is rejected', async (suffix) =>
    expectRefused(await api.token({ iss: api.server.issuer + suffix })),
  );

  test('RS-05: a key that the token brings or points to is never used', async () => {
    const stranger = await createTestKey('stranger');
    const before = api.server.requests.length;
    for (const [name, value] of Object.entries({
      jwk: stranger.jwk,
      jku: `${api.server.issuer}/jku`,
      x5u: `${api.server.issuer}/x5u`,
      x5c: ['MIIB'],
    })) {
      const claims = buildClaims(api.server.issuer, api.identifier);
      await expectRefused(
        await signToken({ claims, header: { kid: 'key-1', [name]: value }, key: stranger }),
      );
      await expectRefused(
        await signToken({ claims, header: { kid: undefined, [name]: value }, key: stranger }),
      );
    }
    const asked = api.server.requests.slice(before);
    expect(asked.filter((path) => path !== '/jwks' && !path.startsWith('/.well-known/'))).toEqual([]);
  });

  test.each([
    '../../etc/passwd',
    "' OR 1=1 --",
    'http://127.0.0.1:9/jwks',
    '',
    'k'.repeat(10_000),
    7,
    null,
    ['key-1'],
  ])('RS-05: the key id %j is rejected', async (kid) => expectRefused(await api.token({}, { kid })));
});

describe('RS-14: garbage', () => {
  test.each([
    'x',
    '.',
    '..',
    '...',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    'a.b.c.d.e',
    `${encodePart('[]')}.${encodePart('{}')}.AA`,
    `${encodePart('null')}.${encodePart('{}')}.AA`,
    `${encodePart('[['.repeat(3_000))}.${encodePart('{}')}.AA`,
    `${encodePart({ alg: 'RS256', typ: 'at+jwt' })}.${encodePart('"text"')}.AA`,
    'a'.repeat(50_000),
    `${'a'.repeat(30_000)}.${'b'.repeat(19_000)}.c`,
  ])('RS-14: %.40s is rejected', expectRefused);

  test('RS-14: unicode in the header value is rejected', async () => {
    const response = await api.get('/contacts', { authorization: 'Bearer \u00e4\u00ff.b.c' });
    expect(response.status).toBe(401);
  });

  const goodHeader = { alg: 'RS256', kid: 'key-1', typ: 'at+jwt' };

  /** Signs by hand what no library agrees to sign. */
  function signText(header: unknown, payload: string): string {
    const input = `${encodePart(header)}.${encodePart(payload)}`;
    const signature = sign('sha256', Buffer.from(input), KeyObject.from(api.key.privateKey));
    return `${input}.${signature.toString('base64url')}`;
  }

  test.each([
    { crit: ['exp'] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { zip: 'DEF' },
    { crit: [] },
  ])('RS-14: a well signed token with %j is rejected', async (header) => {
    const payload = JSON.stringify(buildClaims(api.server.issuer, api.identifier));
    expect((await api.get('/contacts', signText(goodHeader, payload))).status).toBe(200);
    await expectRefused(signText({ ...goodHeader, ...header }, payload));
  });

  test('RS-14: a well signed token that names a claim or a header twice is rejected', async () => {
    const payload = JSON.stringify(buildClaims(api.server.issuer, api.identifier));
    await expectRefused(signText(goodHeader, payload.replace('{', '{"s\\u0075b":"user-b",')));
    await expectRefused(signText(JSON.stringify(goodHeader).replace('{', '{"alg":"none",'), payload));
  });

  test('RS-14: a well signed payload that is not a JSON object is rejected', async () => {
    for (const payload of ['[]', '7', 'null', '"text"', '', '{', '{}x'])
      await expectRefused(signText(goodHeader, payload));
  });

  test('RS-14: a token inside a token and an encrypted token are rejected', async () => {
    const inner = await api.token();
    const nested = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', cty: 'JWT' })
      .sign(api.key.privateKey);
    const [header, , signature] = nested.split('.');
    await expectRefused(`${header}.${encodePart(inner)}.${signature}`);
    await expectRefused(`${encodePart({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt' })}..AAAA.AAAA.AAAA`);
  });

  test('RS-14: random changes of a good token never give anything but 401', async () => {
    const token = await api.token();
    const run = fc.asyncProperty(spoiledToken(token, [await api.token({ sub: 'user-b' })]), async (text) => {
      // What no header can hold never leaves a client.
      fc.pre(/^[\x21-\x7e]{1,8000}$/.test(text) && text !== token);
      const response = await api.get('/contacts', text);
      await response.arrayBuffer();
      expect(isSameToken(text, token) ? [200, 401] : [401], text).toContain(response.status);
    });
    await fc.assert(run, budget(300));
  });
});
