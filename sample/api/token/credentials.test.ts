import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendRaw } from '../testing/raw-request.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const challengeOf = (response: Response) => response.headers.get('www-authenticate') ?? '';

describe('RS-01: without credentials', () => {
  test('RS-01: the challenge names no error and points to the metadata', async () => {
    const response = await api.get('/contacts');
    expect(response.status).toBe(401);
    expect(challengeOf(response)).toBe(
      `Bearer realm="strongroom-api", resource_metadata="${api.identifier}/.well-known/oauth-protected-resource"`,
    );
    expect(await response.json()).toMatchObject({ status: 401, title: 'An access token is needed' });
  });

  test('RS-01: another scheme is no credentials for this API', async () => {
    const response = await api.get('/contacts', { authorization: 'Basic dTpw' });
    expect(response.status).toBe(401);
    expect(challengeOf(response)).not.toContain('error');
  });
});

describe('RS-02: one token in one place', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('RS-02: the scheme %s is accepted', async (scheme) => {
    const response = await api.get('/contacts', { authorization: `${scheme} ${await api.token()}` });
    expect(response.status).toBe(200);
  });

  test('RS-02: two Authorization headers are rejected, equal or not', async () => {
    const line = `Authorization: Bearer ${await api.token()}`;
    for (const second of [line, 'authorization: Bearer x', 'Authorization: Basic dTpw']) {
      const answer = await sendRaw(api.identifier, ['GET /contacts HTTP/1.1', line, second]);
      expect(answer.status).toBe(400);
      expect(answer.head).toMatch(/www-authenticate: Bearer .*error="invalid_request"/i);
    }
  });

  test('RS-02: a token in the query is rejected, alone and beside the header', async () => {
    const token = await api.token();
    for (const headers of [undefined, token]) {
      const response = await api.get(`/contacts?access_token=${token}`, headers);
      expect(response.status).toBe(400);
      expect(challengeOf(response)).toContain('error="invalid_request"');
    }
  });

  test('RS-02: a token in a form body is rejected, alone and beside the header', async () => {
    const token = await api.token();
    const body = new URLSearchParams({ access_token: token, text: 'hello' });
    for (const headers of [new Headers(), new Headers({ authorization: `Bearer ${token}` })]) {
      const response = await fetch(`${api.identifier}/messages`, { method: 'POST', body, headers });
      expect(response.status).toBe(400);
      expect(challengeOf(response)).toContain('error="invalid_request"');
    }
  });

  test.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'Bearer "a"', 'DPoP'])(
    'RS-02: the unreadable value %j is rejected',
    async (authorization) => {
      const response = await api.get('/contacts', { authorization });
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toContain('error="invalid_token"');
    },
  );
});
