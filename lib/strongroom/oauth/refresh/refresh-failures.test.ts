import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint, type TokenRequest } from '../../testing/token-endpoint';
import { refreshTokens } from './refresh-coordinator';

let server: TokenEndpoint;

beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart();
  // No page gives up waiting unless the test says so: `setTimeout` is held too.
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

function sessionOf(refreshToken: string): Session {
  return buildSession({ tokens: buildTokens({ refreshToken }) });
}

const fresh = { access_token: 'access-2', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-2' };
const pass = (ms: number) => void vi.advanceTimersByTime(ms);

describe('a failure of the authorization server that may pass', () => {
  const failures: [name: string, respond: (request: TokenRequest) => void, reason: string][] = [
    ['500', (request) => request.respond({}, 500), 'status_500'],
    ['503 with Retry-After', (request) => request.respond({}, 503, { 'retry-after': '5' }), 'status_503'],
    ['429', (request) => request.respond({}, 429), 'status_429'],
    ['408', (request) => request.respond({}, 408), 'status_408'],
    ['a reset connection', ({ response }) => void response.destroy(), 'network'],
    [
      'HTML',
      ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'token_response_not_json',
    ],
    [
      'a redirect',
      ({ response }) => void response.writeHead(302, { location: '/elsewhere' }).end(),
      'redirect',
    ],
    ['a response of 2 MB', ({ response }) => void response.end('a'.repeat(2_000_000)), 'body_too_large'],
    [
      'an access token of another type',
      (request) => request.respond({ ...fresh, token_type: 'mac' }),
      'token_type',
    ],
    [
      'RF-08 invalid_client',
      (request) => request.respond({ error: 'invalid_client' }, 401),
      'invalid_client',
    ],
    [
      'RF-08 unauthorized_client',
      (request) => request.respond({ error: 'unauthorized_client' }, 400),
      'unauthorized_client',
    ],
  ];

  it.each(failures)(
    'RF-07: after %s the session stays, and a later request refreshes it',
    async (_name, respond, reason) => {
      server.onTokenRequest = respond;
      expect(await refreshTokens(sessionOf('refresh-1'))).toEqual({ kind: 'retry_later', reason });
      server.onTokenRequest = (request) => request.respond(fresh);
      // The longest first back-off: the five seconds of `Retry-After`, and a quarter more by chance.
      pass(6_251);
      expect(await refreshTokens(sessionOf('refresh-1'))).toMatchObject({ kind: 'fresh' });
      expect(server.countOf('/elsewhere')).toBe(0);
    },
  );

  it('RF-18: after a failure, the same refresh token is not sent again for a second', async () => {
    server.onTokenRequest = (request) => request.respond({}, 503);
    for (let number = 0; number < 20; number += 1) await refreshTokens(sessionOf('refresh-1'));
    expect(server.tokenRequests).toHaveLength(1);
    pass(999);
    await refreshTokens(sessionOf('refresh-1'));
    expect(server.tokenRequests).toHaveLength(1);
    pass(252);
    await refreshTokens(sessionOf('refresh-1'));
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-18: one user’s failure makes no other user wait', async () => {
    server.onTokenRequest = (request) => request.respond({}, 503);
    await refreshTokens(sessionOf('refresh-1'));
    server.onTokenRequest = (request) => request.respond(fresh);
    expect(await refreshTokens(sessionOf('refresh-of-grace'))).toMatchObject({ kind: 'fresh' });
  });

  it('RF-07: when discovery fails, the session stays', async () => {
    server.handlers['/.well-known/openid-configuration'] = (_request, response) => void response.destroy();
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual({ kind: 'retry_later', reason: 'network' });
  });
});
