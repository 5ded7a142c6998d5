import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { createTestKey, signIdToken, type TestKey } from '../testing/id-tokens';
import { offerMetadata } from '../testing/server-metadata';
import type { IdTokenClaims } from './id-token';
import { readUser } from './profile';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  useEnvironment({ AUTH_ISSUER: server.origin });
  offerMetadata(server, { userinfo_endpoint: '/userinfo' });
});

const claims = (more: Record<string, unknown> = {}) =>
  ({ iss: server.origin, sub: 'usr_1', iat: 1, exp: 2, ...more }) as IdTokenClaims;
const tokens = (accessToken: string, scopes = ['openid', 'profile', 'email']) => ({
  accessToken,
  dpopKey: null,
  scopes,
});

describe('the user who signed in', () => {
  it('comes from the ID token, without a userinfo request', async () => {
    const user = await readUser(claims({ name: 'Ada', email: 'ada@example.test' }), tokens('token'));
    expect(user).toMatchObject({ subject: 'usr_1', name: 'Ada', email: 'ada@example.test' });
    expect(server.countOf('/userinfo')).toBe(0);
  });

  it('TK-17: has a name from userinfo when the ID token has none, requested with the token in the header', async () => {
    const seen: (string | undefined)[] = [];
    server.handlers['/userinfo'] = (request, response, body) => {
      seen.push(request.headers.authorization);
      json({ sub: 'usr_1', name: 'Ada', email: 'ada@example.test' })(request, response, body);
    };
    expect(await readUser(claims(), tokens('the-token'))).toMatchObject({
      name: 'Ada',
      email: 'ada@example.test',
    });
    expect(seen).toEqual(['Bearer the-token']);
  });

  it.each([
    ['name is null', { name: null, email: 'a@b.example' }, { name: 'Ada' }, 'Ada'],
    ['name is empty', { name: '', email: 'a@b.example' }, { name: 'Ada' }, 'Ada'],
    ['name is blank', { name: ' \u200e ', email: 'a@b.example' }, { name: 'Ada' }, 'Ada'],
    ['name is no text', { name: { first: 'Ada' }, email: 'a@b.example' }, { name: 'Ada' }, 'Ada'],
    ['both lack a name', { given_name: 'Ada', family_name: 'Byron' }, {}, 'Ada Byron'],
    ['there is a nickname only', { nickname: 'ada', preferred_username: 'ada7' }, {}, 'ada'],
    ['there is a preferred name only', { preferred_username: 'ada7' }, { name: '' }, 'ada7'],
    ['userinfo has the better name', { preferred_username: 'ada7' }, { name: 'Ada' }, 'Ada'],
  ])('TK-17: is called by the best name that there is, when %s', async (_, idToken, userinfo, name) => {
    server.handlers['/userinfo'] = json({ sub: 'usr_1', ...userinfo });
    expect((await readUser(claims(idToken), tokens('token'))).name).toBe(name);
  });

  it('TK-17: has the e-mail address and the picture that only userinfo knows', async () => {
    const picture = 'https://pictures.example/ada.png';
    server.handlers['/userinfo'] = json({ sub: 'usr_1', name: 'Other', email: 'ada@example.test', picture });
    expect(await readUser(claims({ name: 'Ada', email: null }), tokens('token'))).toMatchObject({
      name: 'Ada',
      email: 'ada@example.test',
      picture,
    });
    expect(server.countOf('/userinfo')).toBe(1);
  });

  it('TK-17: asks userinfo for nothing that no scope covers', async () => {
    await readUser(claims({ name: 'Ada' }), tokens('token', ['openid', 'profile']));
    expect(server.countOf('/userinfo')).toBe(0);
  });

  it('TK-17: is rejected when userinfo is about another user', async () => {
    server.handlers['/userinfo'] = json({ sub: 'usr_2', name: 'Eve' });
    const error = await appErrorOf(() => readUser(claims(), tokens('token')));
    expect([error.code, error.reason]).toEqual(['invalid_response', 'userinfo_sub']);
  });

  it.each([
    ['401', json({ error: 'invalid_token' }, 401)],
    ['500', json({}, 500)],
    ['a redirect', json({}, 302, { location: 'http://127.0.0.1:9/' })],
    ['no subject', json({ name: 'Eve' })],
    ['HTML', json('<html>', 200, { 'content-type': 'text/html' })],
  ])('TK-17: is without a name when userinfo responds with %s', async (_, respond) => {
    server.handlers['/userinfo'] = respond;
    expect(await readUser(claims(), tokens('token'))).toMatchObject({
      subject: 'usr_1',
      name: null,
      email: null,
    });
  });

  describe('in signed userinfo', () => {
    const publish = async (alg = 'ES384') => {
      const key = await createTestKey(alg);
      server.handlers['/keys'] = json({ keys: [key.jwk] });
      return key;
    };
    const respondSigned = (token: string, type = 'application/jwt') => {
      server.handlers['/userinfo'] = (_request, response) =>
        void response.writeHead(200, { 'content-type': type }).end(token);
    };
    const sign = (key: TestKey, userinfo: Record<string, unknown> = {}, header = {}) => {
      const none = { exp: undefined, iat: undefined, nonce: undefined };
      const own = { iss: server.origin, aud: 'client-1', sub: 'usr_1', name: 'Ada', ...none, ...userinfo };
      return signIdToken({ key, claims: own, header });
    };

    it.each([
      ['with issuer and audience', {}],
      ['without issuer and audience', { iss: undefined, aud: undefined }],
    ])('TK-17: %s has the name', async (_what, userinfo) => {
      const key = await publish();
      respondSigned(await sign(key, userinfo), 'application/jwt; charset=utf-8');
      expect(await readUser(claims(), tokens('token'))).toMatchObject({ name: 'Ada' });
    });

    it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
      ['of another issuer', { iss: 'https://other.example' }, {}],
      ['for another client', { aud: 'client-2' }, {}],
      ['that is an access token', {}, { typ: 'at+jwt' }],
      ['whose type is a number', {}, { typ: 7 }],
    ])('TK-17: %s gives no name', async (_what, userinfo, header) => {
      const key = await publish();
      respondSigned(await sign(key, userinfo, header));
      expect(await readUser(claims(), tokens('token'))).toMatchObject({ name: null });
    });

    it('TK-17: with a forged signature gives no name', async () => {
      await publish();
      respondSigned(await sign(await createTestKey('ES384')));
      expect(await readUser(claims(), tokens('token'))).toMatchObject({ name: null });
    });

    it('TK-17: about another user is rejected', async () => {
      respondSigned(await sign(await publish(), { sub: 'usr_2' }));
      const error = await appErrorOf(() => readUser(claims(), tokens('token')));
      expect([error.code, error.reason]).toEqual(['invalid_response', 'userinfo_sub']);
    });
  });

  it('DI-06: is without a name where there is no userinfo endpoint', async () => {
    offerMetadata(server);
    expect(await readUser(claims(), tokens('token'))).toMatchObject({ name: null });
  });
});
