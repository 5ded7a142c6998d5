import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePart, expectInvalidToken } from '../testing/expect-invalid-token.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { buildClaims } from '../testing/test-authorization-server.ts';

let api: TestApi;
const expectRefused = (token: string) => expectInvalidToken(api, token);
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const nowSec = Math.floor(Date.now() / 1000);

describe('RS-06: audience', () => {
  test('RS-06: this API in a list of audiences is accepted', async () => {
    const token = await api.token({ aud: ['https://other.test', api.identifier] });
    expect((await api.get('/contacts', token)).status).toBe(200);
  });

  test('RS-06: anything but the exact identifier is rejected', async () => {
    const id = api.identifier;
    const wrong: unknown[] = [
      'https://other.test',
      `${id}/`,
      `${id}0`,
      id.slice(0, -1),
      id.toUpperCase(),
      ` ${id}`,
    ];
    for (const aud of [...wrong, `${id} x`, [], [`${id}/`], [id, 7], {}, null, '', true])
      await expectRefused(await api.token({ aud } as JWTPayload));
  });
});

describe('RS-07: times', () => {
  const bad: Record<string, unknown>[] = [
    { exp: nowSec - 61 },
    { exp: 0 },
    { exp: -1 },
    { exp: nowSec * 1000 },
    { exp: 1e300 },
    { exp: String(nowSec + 300) },
    { exp: null },
    { exp: [nowSec + 300] },
    { exp: true },
    { iat: nowSec + 120 },
    { iat: nowSec * 1000 },
    { iat: -5 },
    { iat: String(nowSec) },
    { iat: nowSec - 10, exp: nowSec - 10 },
    { nbf: nowSec + 120 },
    { nbf: String(nowSec) },
    { nbf: -1 },
    { nbf: null },
  ];
  test.each(bad)('RS-07: %j is rejected', async (claims) => expectRefused(await api.token(claims)));

  test('RS-07: an expired token is told so', async () => {
    const response = await api.get('/contacts', await api.token({ iat: nowSec - 600, exp: nowSec - 300 }));
    expect(response.headers.get('www-authenticate')).toContain(
      'error_description="The access token expired"',
    );
  });

  test('RS-07: NaN cannot be written in JSON and is rejected', async () => {
    const payload = JSON.stringify(buildClaims(api.server.issuer, api.identifier)).replace(
      /"exp":\d+/,
      '"exp":NaN',
    );
    await expectRefused(
      `${encodePart({ alg: 'RS256', typ: 'at+jwt', kid: 'key-1' })}.${encodePart(payload)}.AAAA`,
    );
  });
});

describe('RS-08: required claims', () => {
  test.each(['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'])(
    'RS-08: without %s it is rejected',
    async (name) => expectRefused(await api.token({ [name]: undefined })),
  );

  test.each(['iss', 'sub', 'client_id', 'jti'])('RS-08: %s of a wrong type is rejected', async (name) => {
    for (const value of ['', 7, ['user-a'], { a: 1 }, null, true, 'x'.repeat(300)])
      await expectRefused(await api.token({ [name]: value } as JWTPayload));
  });
});
