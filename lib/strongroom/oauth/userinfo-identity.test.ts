import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DpopKey } from '../session/session';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { type Handler, json, startTestServer, type TestServer } from '../testing/http-server';
import { createDpopKey } from './dpop';
import { identifyByUserinfo, readIdentity } from './userinfo-identity';

const members = { sub: 'id', name: 'name', preferred_username: 'login', picture: 'avatar_url' };
const issuer = 'https://github.example';
const read = (body: unknown) => readIdentity(body, members, issuer);

describe('a user endpoint without OpenID Connect', () => {
  it('names the user by its own members, and a number as its text', () => {
    const body = {
      id: 583_231,
      login: 'octocat',
      name: null,
      avatar_url: 'https://a.example/1',
      plan: 'pro',
    };
    expect(read(body)).toEqual({
      ...body,
      iss: issuer,
      sub: '583231',
      preferred_username: 'octocat',
      picture: 'https://a.example/1',
    });
  });

  it('cannot say what only an ID token can: another issuer, a session, or how the user signed in', () => {
    const forged = {
      iss: 'https://evil.example',
      sub: 'root',
      sid: 's',
      acr: 'high',
      auth_time: 1,
      exp: 9e9,
    };
    const identity = read({ ...forged, id: 7, session_expiry: 9e9 });
    expect(identity).toMatchObject({ iss: issuer, sub: '7' });
    for (const name of ['sid', 'acr', 'auth_time', 'exp', 'session_expiry'])
      expect(identity).not.toHaveProperty(name);
  });

  it.each([
    [null],
    ['octocat'],
    [[]],
    [{}],
    [{ sub: '7' }],
    [{ id: null }],
    [{ id: '' }],
    [{ id: true }],
    [{ id: { a: 1 } }],
    [{ id: 1.5 }],
    [{ id: 2 ** 53 }],
    [{ id: 'a\u0000b' }],
    [{ id: 'x'.repeat(256) }],
  ])('that responds %j names nobody', (body) => expect(read(body)).toBeNull());
});

describe('the request for the user', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  /** A server without metadata, all of whose endpoints are configured. */
  const ask = (handler: Handler, dpopKey: DpopKey | null = null) => {
    const { origin } = server;
    useEnvironment({
      AUTH_ISSUER: origin,
      AUTH_AUTHORIZATION_ENDPOINT: `${origin}/authorize`,
      AUTH_TOKEN_ENDPOINT: `${origin}/token`,
      AUTH_USERINFO_ENDPOINT: `${origin}/user`,
      AUTH_USER_CLAIMS: 'sub=id',
      AUTH_SCOPES: 'read:user',
    });
    server.reset();
    server.handlers['/user'] = handler;
    return identifyByUserinfo({ accessToken: 'access-1', dpopKey }, { sub: 'id' });
  };

  it('carries the token, wants JSON and names the application, and nothing else is asked', async () => {
    const sent: unknown[] = [];
    const identity = await ask((request, response, body) => {
      const { authorization, accept, 'user-agent': agent = '' } = request.headers;
      sent.push([authorization, accept?.includes('application/json'), agent !== '']);
      json({ id: 7 })(request, response, body);
    });
    expect(identity).toMatchObject({ iss: server.origin, sub: '7' });
    expect([sent, server.requests]).toEqual([[['Bearer access-1', true, true]], ['GET /user']]);
  });

  it('CA-04: with a token that is bound to a key, carries a proof', async () => {
    const sent: unknown[] = [];
    await ask(
      (request, response, body) => {
        sent.push([request.headers.authorization, request.headers.dpop !== undefined]);
        json({ id: 7 })(request, response, body);
      },
      await createDpopKey(),
    );
    expect(sent).toEqual([['DPoP access-1', true]]);
  });

  const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
  it.each<[string, Handler, string]>([
    ['401 with a challenge', json({}, 401, challenge), 'userinfo_rejected'],
    ['403', json({ id: 7 }, 403), 'userinfo_rejected'],
    ['no JSON', (_request, response) => response.writeHead(200).end('<html>'), 'userinfo_unusable'],
    ['nobody', json({ login: 'octocat' }), 'userinfo_unusable'],
  ])('that is answered with %s signs nobody in', async (_what, handler, reason) => {
    const error = await appErrorOf(() => ask(handler));
    expect([error.code, error.reason]).toEqual(['invalid_response', reason]);
  });

  it('that meets a failing server may be repeated', async () => {
    expect((await appErrorOf(() => ask(json({}, 503)))).code).toBe('temporarily_unavailable');
  });
});
