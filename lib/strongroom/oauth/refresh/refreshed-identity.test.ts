import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../base/errors';
import * as log from '../../base/log';
import type { Session } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { type Handler, json } from '../../testing/http-server';
import { createTestKey, signIdToken, type TestKey } from '../../testing/id-tokens';
import { offerRevocation } from '../../testing/revocation-endpoint';
import { offerMetadata } from '../../testing/server-metadata';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import * as profile from '../profile';
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

let count = 0;
const sessionOf = (changes: Partial<Session> = {}): Session => {
  count += 1;
  const tokens = buildTokens({ refreshToken: `refresh-of-${count}`, expiresAtSec: noonSec });
  const { user, ...session } = buildSession({ id: `session-0123456789-${count}`, tokens, ...changes });
  return {
    ...session,
    user: { ...user, issuer: server.origin },
    roles: ['admin'],
    claims: { department: 'Sales' },
  };
};

/** Offers userinfo; null: the metadata has none. */
function offerUserinfo(claims: Record<string, unknown> | null): void {
  offerMetadata(server, {
    revocation_endpoint: '/revoke',
    ...(claims === null ? {} : { userinfo_endpoint: '/userinfo' }),
  });
  if (claims !== null) server.handlers['/userinfo'] = json({ sub: 'user-1', ...claims });
}

async function refresh(session: Session, idToken: Record<string, unknown> | null) {
  const claims = { iss: server.origin, nonce: undefined, ...idToken };
  const id_token = idToken === null ? undefined : await signIdToken({ key, claims });
  server.onTokenRequest = ({ form, respond }) =>
    respond({
      access_token: 'access-2',
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: `${form.get('refresh_token')}+`,
      ...(id_token === undefined ? {} : { id_token }),
    });
  return refreshTokens(session);
}

const shown = (name: string | null, email: string | null) => ({
  kind: 'fresh',
  identity: { user: { subject: 'user-1', name, email } },
});

describe('who the user is, after a refresh', () => {
  it('RF-10: is what the refreshed ID token says: name, e-mail address, picture, claims and roles', async () => {
    offerUserinfo(null);
    const picture = 'https://pictures.example/ada.png';
    const result = await refresh(sessionOf(), {
      ...{ name: 'Ada King', email: 'king@example.test', picture },
      ...{ department: 'Legal', realm_access: { roles: ['editor', 'uma'] } },
    });
    expect(result).toMatchObject({
      kind: 'fresh',
      identity: {
        user: {
          issuer: server.origin,
          subject: 'user-1',
          name: 'Ada King',
          email: 'king@example.test',
          picture,
        },
        claims: { department: 'Legal' },
        roles: ['editor'],
      },
    });
  });

  it('RF-10: a role and a claim that the refreshed ID token no longer has are gone', async () => {
    offerUserinfo(null);
    const result = await refresh(sessionOf(), { name: 'Ada', email: 'ada@example.test' });
    expect(result).toMatchObject({ identity: { claims: {}, roles: [] } });
  });

  it('RF-10: stays as it was without an ID token and without userinfo', async () => {
    offerUserinfo(null);
    const result = await refresh(sessionOf(), null);
    expect(result).toMatchObject(shown('Ada', 'ada@example.test'));
    expect(result).toMatchObject({ identity: { claims: { department: 'Sales' }, roles: ['admin'] } });
  });

  it.each([
    ['there is no ID token', null],
    ['the ID token has neither', {}],
    ['the ID token has a short name only', { preferred_username: 'ada7', nickname: 'ada' }],
    ['the ID token has empty ones', { name: '', email: null }],
  ])('RF-10: comes from userinfo, once an hour, when %s', async (_, idToken) => {
    const session = sessionOf();
    offerUserinfo({ name: 'Ada King', email: 'king@example.test' });
    expect(await refresh(session, idToken)).toMatchObject(shown('Ada King', 'king@example.test'));
    offerUserinfo({ name: 'Ada Again', email: 'again@example.test' });
    vi.setSystemTime((noonSec + 700) * 1000);
    expect(await refresh(session, null)).toMatchObject(shown('Ada King', 'king@example.test'));
    expect(server.countOf('/userinfo')).toBe(1);
  });

  it('RF-10: is carried along a chain of refreshes to a request with the oldest cookie', async () => {
    offerUserinfo(null);
    const session = sessionOf();
    await refresh(session, { name: 'Ada King', email: 'king@example.test', department: 'Legal' });
    vi.setSystemTime((noonSec + 700) * 1000);
    expect(await refresh(session, null)).toMatchObject(shown('Ada King', 'king@example.test'));
    expect(await refreshTokens(session)).toMatchObject({ identity: { claims: { department: 'Legal' } } });
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-07: stays as it was while userinfo fails, and the new tokens are used', async () => {
    offerUserinfo({});
    server.handlers['/userinfo'] = (_request, response) => void response.writeHead(503).end();
    expect(await refresh(sessionOf(), {})).toMatchObject(shown('Ada', 'ada@example.test'));
  });

  it('RF-07: an error while it is read is no failed refresh: the new tokens are used, and the log says which', async () => {
    const unreachable = new AppError('temporarily_unavailable', { reason: 'timeout' });
    vi.spyOn(profile, 'readUserAgain').mockRejectedValueOnce(unreachable);
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    expect(await refresh(sessionOf(), {})).toMatchObject({ kind: 'fresh', identity: null });
    expect(failures.mock.calls.map(([event]) => event)).toEqual(['userinfo_failed']);
    vi.restoreAllMocks();
  });

  it('TK-17: userinfo about another user ends the session, and the new refresh token is revoked', async () => {
    const revoked = offerRevocation(server);
    offerUserinfo({ sub: 'user-2', name: 'Eve' });
    const session = sessionOf();
    expect(await refresh(session, {})).toEqual({ kind: 'login_required', reason: 'userinfo_sub' });
    expect(revoked).toEqual([`${session.tokens.refreshToken}+`]);
  });
});

describe('who the user is, after a refresh at a server without ID tokens', () => {
  const declared = { claims: ['plan'], roles: { claim: 'teams', names: ['admin', 'editor'] } };
  beforeEach(() => {
    const { origin } = server;
    const endpoints = { AUTH_USERINFO_ENDPOINT: `${origin}/user`, AUTH_USER_CLAIMS: 'sub=id&name=login' };
    useEnvironment({ AUTH_ISSUER: origin, ...endpoints }, declared);
    server.handlers['/user'] = json({ id: 7, login: 'Ada King', plan: 'pro', teams: ['editor'] });
  });

  const sessionOfSeven = (): Session => {
    const session = sessionOf();
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
    expect(await refresh(session, null)).toMatchObject({
      kind: 'fresh',
      identity: { user: { subject: '7', name: 'Ada King' }, claims: { plan: 'pro' }, roles: ['editor'] },
    });
    expect(await refreshTokens(session)).toMatchObject({ identity: { roles: ['editor'] } });
    expect(sent).toEqual(['Bearer access-2']);
  });

  it('RF-10: has no role and no claim that the user endpoint no longer names', async () => {
    server.handlers['/user'] = json({ id: '7' });
    const result = await refresh(sessionOfSeven(), null);
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
    expect(await refresh(sessionOfSeven(), null)).toMatchObject({ kind: 'fresh', tokens, identity: before });
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
      expect(await refresh(session, null)).toMatchObject({ kind: 'fresh', identity });
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
      expect([await refresh(session, null), await refreshTokens(session)]).toEqual([end, end]);
      expect(revoked).toEqual([`${session.tokens.refreshToken}+`]);
    },
  );
});
