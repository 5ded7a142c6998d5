/** RF-10 without OpenID Connect: who the user is, as the user endpoint says after a refresh. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../../base/log';
import type { Session } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { type Handler, json } from '../../testing/http-server';
import { createTestKey, type TestKey } from '../../testing/id-tokens';
import { buildDueSession, refreshWithIdToken } from '../../testing/refreshed-identity';
import { offerRevocation } from '../../testing/revocation-endpoint';
import { noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { refreshTokens } from './refresh-coordinator';

let server: TokenEndpoint;
let key: TestKey;
beforeAll(async () => {
  [server, key] = await Promise.all([startTokenEndpoint(), createTestKey()]);
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment(
    { AUTH_ISSUER: server.origin },
    { claims: ['department'], roles: { claim: 'realm_access.roles', names: ['admin', 'editor'] } },
  );
  server.restart([key.jwk]);
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

describe('who the user is, after a refresh at a server without ID tokens', () => {
  const declared = { claims: ['plan'], roles: { claim: 'teams', names: ['admin', 'editor'] } };
  beforeEach(() => {
    const { origin } = server;
    const endpoints = { AUTH_USERINFO_ENDPOINT: `${origin}/user`, AUTH_USER_CLAIMS: 'sub=id&name=login' };
    useEnvironment({ AUTH_ISSUER: origin, ...endpoints }, declared);
    server.handlers['/user'] = json({ id: 7, login: 'Ada King', plan: 'pro', teams: ['editor'] });
  });

  const sessionOfSeven = (): Session => {
    const session = buildDueSession(server);
    return { ...session, user: { ...session.user, subject: '7' }, claims: { plan: 'free' } };
  };
  const before = { user: { name: 'Ada' }, claims: { plan: 'free' }, roles: ['admin'] };

  it('RF-10: is what the user endpoint says with the new token: name, claims and roles', async () => {
    const sent: unknown[] = [];
    const { '/user': describeUser } = server.handlers;
    server.handlers['/user'] = (request, ...rest) => {
      sent.push(request.headers.authorization);
      return describeUser?.(request, ...rest);
    };
    const session = sessionOfSeven();
    expect(await refreshWithIdToken({ server, key }, session, null)).toMatchObject({
      kind: 'fresh',
      identity: { user: { subject: '7', name: 'Ada King' }, claims: { plan: 'pro' }, roles: ['editor'] },
    });
    expect(await refreshTokens(session)).toMatchObject({ identity: { roles: ['editor'] } });
    expect(sent).toEqual(['Bearer access-2']);
  });

  it('RF-10: has no role and no claim that the user endpoint no longer names', async () => {
    server.handlers['/user'] = json({ id: '7' });
    const result = await refreshWithIdToken({ server, key }, sessionOfSeven(), null);
    expect(result).toMatchObject({ identity: { user: { name: 'Ada' }, claims: {}, roles: [] } });
  });

  it.each<[string, Handler]>([
    ['is down', (_request, response) => void response.writeHead(503).end()],
    ['does not respond', (request) => request.destroy()],
    ['is not found', json({}, 404)],
    ['responds with a page', (_request, response) => void response.writeHead(200).end('<html>')],
    ['names no user', json({ login: 'Eve' })],
  ])('RF-07: stays as it was while the user endpoint %s, and the new tokens are used', async (_, handler) => {
    server.handlers['/user'] = handler;
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    const tokens = { accessToken: 'access-2' };
    expect(await refreshWithIdToken({ server, key }, sessionOfSeven(), null)).toMatchObject({
      kind: 'fresh',
      tokens,
      identity: before,
    });
    expect(failures.mock.calls.map(([event]) => event)).toEqual(['userinfo_failed']);
    vi.restoreAllMocks();
  });

  it.each<[string, Handler]>([
    ['with a challenge', json({}, 401, { 'www-authenticate': 'Bearer error="invalid_token"' })],
    ['without a challenge', json({}, 401)],
    ['as forbidden', json({}, 403)],
  ])(
    'RF-10: loses the roles, and nothing else, where the user endpoint rejects a fresh token %s',
    async (_, handler) => {
      server.handlers['/user'] = handler;
      const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
      const session = sessionOfSeven();
      const identity = { ...before, roles: [] };
      expect(await refreshWithIdToken({ server, key }, session, null)).toMatchObject({
        kind: 'fresh',
        identity,
      });
      expect(await refreshTokens(session)).toMatchObject({ identity });
      expect(failures.mock.calls.map(([event]) => event)).toEqual(['userinfo_failed']);
      vi.restoreAllMocks();
    },
  );

  it.each([[{ id: 8 }], [{ id: '07' }], [{ id: 'admin' }]])(
    'TK-17: another user (%j) ends the session, as an ID token about another user does, and revokes the refresh token',
    async (body) => {
      const revoked = offerRevocation(server);
      server.handlers['/user'] = json(body);
      const session = sessionOfSeven();
      const end = { kind: 'login_required', reason: 'userinfo_sub' };
      expect([
        await refreshWithIdToken({ server, key }, session, null),
        await refreshTokens(session),
      ]).toEqual([end, end]);
      expect(revoked).toEqual([`${session.tokens.refreshToken}+`]);
    },
  );
});
