import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../base/errors';
import * as log from '../../base/log';
import { useEnvironment } from '../../testing/environment';
import { json } from '../../testing/http-server';
import { createTestKey, type TestKey } from '../../testing/id-tokens';
import { buildDueSession, refreshWithIdToken } from '../../testing/refreshed-identity';
import { offerRevocation } from '../../testing/revocation-endpoint';
import { offerMetadata } from '../../testing/server-metadata';
import { noonSec } from '../../testing/sessions';
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

/** Offers userinfo; null: the metadata has none. */
function offerUserinfo(claims: Record<string, unknown> | null): void {
  offerMetadata(server, {
    revocation_endpoint: '/revoke',
    ...(claims === null ? {} : { userinfo_endpoint: '/userinfo' }),
  });
  if (claims !== null) server.handlers['/userinfo'] = json({ sub: 'user-1', ...claims });
}

const shown = (name: string | null, email: string | null) => ({
  kind: 'fresh',
  identity: { user: { subject: 'user-1', name, email } },
});

describe('who the user is, after a refresh', () => {
  it('RF-10: is what the refreshed ID token says: name, e-mail address, picture, claims and roles', async () => {
    offerUserinfo(null);
    const picture = 'https://pictures.example/ada.png';
    const result = await refreshWithIdToken({ server, key }, buildDueSession(server), {
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
    const result = await refreshWithIdToken({ server, key }, buildDueSession(server), {
      name: 'Ada',
      email: 'ada@example.test',
    });
    expect(result).toMatchObject({ identity: { claims: {}, roles: [] } });
  });

  it('RF-10: stays as it was without an ID token and without userinfo', async () => {
    offerUserinfo(null);
    const result = await refreshWithIdToken({ server, key }, buildDueSession(server), null);
    expect(result).toMatchObject(shown('Ada', 'ada@example.test'));
    expect(result).toMatchObject({ identity: { claims: { department: 'Sales' }, roles: ['admin'] } });
  });

  it.each([
    ['there is no ID token', null],
    ['the ID token has neither', {}],
    ['the ID token has a short name only', { preferred_username: 'ada7', nickname: 'ada' }],
    ['the ID token has empty ones', { name: '', email: null }],
  ])('RF-10: comes from userinfo, once an hour, when %s', async (_, idToken) => {
    const session = buildDueSession(server);
    offerUserinfo({ name: 'Ada King', email: 'king@example.test' });
    expect(await refreshWithIdToken({ server, key }, session, idToken)).toMatchObject(
      shown('Ada King', 'king@example.test'),
    );
    offerUserinfo({ name: 'Ada Again', email: 'again@example.test' });
    vi.setSystemTime((noonSec + 700) * 1000);
    expect(await refreshWithIdToken({ server, key }, session, null)).toMatchObject(
      shown('Ada King', 'king@example.test'),
    );
    expect(server.countOf('/userinfo')).toBe(1);
  });

  it('RF-10: is carried along a chain of refreshes to a request with the oldest cookie', async () => {
    offerUserinfo(null);
    const session = buildDueSession(server);
    await refreshWithIdToken({ server, key }, session, {
      name: 'Ada King',
      email: 'king@example.test',
      department: 'Legal',
    });
    vi.setSystemTime((noonSec + 700) * 1000);
    expect(await refreshWithIdToken({ server, key }, session, null)).toMatchObject(
      shown('Ada King', 'king@example.test'),
    );
    expect(await refreshTokens(session)).toMatchObject({ identity: { claims: { department: 'Legal' } } });
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-07: stays as it was while userinfo fails, and the new tokens are used', async () => {
    offerUserinfo({});
    server.handlers['/userinfo'] = (_request, response) => void response.writeHead(503).end();
    expect(await refreshWithIdToken({ server, key }, buildDueSession(server), {})).toMatchObject(
      shown('Ada', 'ada@example.test'),
    );
  });

  it('RF-07: an error while it is read is no failed refresh: the new tokens are used, and the log says which', async () => {
    const unreachable = new AppError('temporarily_unavailable', { reason: 'timeout' });
    vi.spyOn(profile, 'readUserAgain').mockRejectedValueOnce(unreachable);
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    expect(await refreshWithIdToken({ server, key }, buildDueSession(server), {})).toMatchObject({
      kind: 'fresh',
      identity: null,
    });
    expect(failures.mock.calls.map(([event]) => event)).toEqual(['userinfo_failed']);
    vi.restoreAllMocks();
  });

  it('TK-17: userinfo about another user ends the session, and the new refresh token is revoked', async () => {
    const revoked = offerRevocation(server);
    offerUserinfo({ sub: 'user-2', name: 'Eve' });
    const session = buildDueSession(server);
    expect(await refreshWithIdToken({ server, key }, session, {})).toEqual({
      kind: 'login_required',
      reason: 'userinfo_sub',
    });
    expect(revoked).toEqual([`${session.tokens.refreshToken}+`]);
  });
});
