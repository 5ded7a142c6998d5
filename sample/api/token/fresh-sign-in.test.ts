import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestApi, type TestApi, type TestApiOptions } from '../testing/test-api.ts';
import { createTestKey } from '../testing/test-authorization-server.ts';
import { judgeSignIn } from './fresh-sign-in.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const nowSec = Math.floor(Date.now() / 1000);

async function startAnother(options: TestApiOptions): Promise<TestApi> {
  const another = await startTestApi(options);
  onTestFinished(() => another[Symbol.asyncDispose]());
  return another;
}

const challengeOf = (response: Response) => response.headers.get('www-authenticate') ?? '';

async function expectChallenge(claims: JWTPayload): Promise<void> {
  for (const call of [api.delete, api.get]) {
    const path = call === api.get ? '/contacts/export' : '/messages/m_x';
    const response = await call(path, await api.token(claims));
    expect(response.status).toBe(401);
    expect(challengeOf(response)).toMatch(/^Bearer .*error="insufficient_user_authentication"/);
    expect(challengeOf(response)).toContain('error_description="A more recent sign-in is needed"');
    expect(challengeOf(response)).toContain('max_age="300"');
    expect(challengeOf(response)).not.toContain('acr_values');
    expect(await response.json()).toEqual({
      type: 'tag:strongroom.test,2025:insufficient_user_authentication',
      title: 'Another sign-in is needed',
      status: 401,
      detail: 'A more recent sign-in is needed.',
    });
  }
}

describe('RS-11: a fresh sign-in', () => {
  test('RS-11: a sign-in of a moment ago is enough', async () => {
    expect((await api.get('/contacts/export', await api.token())).status).toBe(200);
    expect((await api.delete('/messages/m_x', await api.token())).status).toBe(404);
  });

  test.each([
    ['a stale', nowSec - 400],
    ['a missing', undefined],
    ['a text for an', String(nowSec)],
    ['a future', nowSec + 3_600],
    ['a time in milliseconds for an', nowSec * 1000],
    ['a list for an', [nowSec]],
    ['a negative', -1],
  ])('RS-11, RFC 9470 §3: %s auth_time is answered with what is needed', (_, auth_time) =>
    expectChallenge({ auth_time }),
  );

  test('RS-11: the clock decides to the second, and a tolerance is given to the future alone', () => {
    const demand = { maxAgeSec: 300, acr: null };
    const judge = (authTimeSec: number) => judgeSignIn({ authTimeSec, acr: null }, demand, 1_000);
    expect([700, 1_000, 1_010].map(judge)).toEqual([null, null, null]);
    expect([699, 1_011].map(judge)).toEqual(['sign_in_age', 'sign_in_age']);
  });

  test('RS-11: routes that are not sensitive do not ask', async () => {
    const token = await api.token({ auth_time: undefined });
    expect((await api.get('/contacts', token)).status).toBe(200);
    expect((await api.post({ text: 'x' }, token)).status).toBe(201);
  });

  test('RS-11, RS-09: a missing scope is told first', async () => {
    const token = await api.token({ scope: 'openid', auth_time: undefined });
    const response = await api.get('/contacts/export', token);
    expect(response.status).toBe(403);
    expect(challengeOf(response)).toContain('error="insufficient_scope"');
  });

  test('RS-11: the age comes from the settings', async () => {
    const strict = await startAnother({ freshSignInSec: 20 });
    const response = await strict.get('/contacts/export', await strict.token({ auth_time: nowSec - 60 }));
    expect(challengeOf(response)).toContain('max_age="20"');
  });
});

describe('RS-11: a required acr', () => {
  test('RS-11, RFC 9470 §3: without it the challenge names it, with it the call succeeds', async () => {
    const required = 'urn:test:acr:key';
    const strict = await startAnother({ requiredAcr: required });
    for (const acr of ['urn:test:acr:password', `${required} x`, [required], undefined]) {
      const response = await strict.get('/contacts/export', await strict.token({ acr }));
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toContain(`max_age="300", acr_values="${required}"`);
      expect(challengeOf(response)).toContain('error_description="Another way of signing in is needed"');
    }
    expect((await strict.get('/contacts/export', await strict.token({ acr: required }))).status).toBe(200);
  });
});

test('RS-11, RS-12: a token bound to a key gets the same challenge in the scheme DPoP', async () => {
  const key = await createTestKey('', 'ES256');
  const { kty, crv, x, y } = key.jwk;
  const token = await api.token({ cnf: { jkt: await calculateJwkThumbprint(key.jwk) }, auth_time: 1 });
  const dpop = await new SignJWT({
    jti: crypto.randomUUID(),
    htm: 'GET',
    htu: `${api.identifier}/contacts/export`,
    ath: createHash('sha256').update(token).digest('base64url'),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } })
    .setIssuedAt()
    .sign(key.privateKey);
  const response = await api.get('/contacts/export', { authorization: `DPoP ${token}`, dpop });
  expect(response.status).toBe(401);
  expect(challengeOf(response)).toMatch(
    /^DPoP .*error="insufficient_user_authentication".*max_age="300", algs=/,
  );
});
