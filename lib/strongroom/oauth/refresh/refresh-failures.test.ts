import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import {
  secondTokens,
  startTokenEndpoint,
  type TokenEndpoint,
  type TokenRequest,
} from '../../testing/token-endpoint';
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
      (request) => request.respond({ ...secondTokens, refresh_token: undefined, token_type: 'mac' }),
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
      server.onTokenRequest = (request) => request.respond(secondTokens);
      // The longest first back-off: the five seconds of `Retry-After`, and a quarter more by chance.
      pass(6_251);
      expect(await refreshTokens(sessionOf('refresh-1'))).toMatchObject({ kind: 'fresh' });
      expect(server.countOf('/elsewhere')).toBe(0);
    },
  );

  const rejections: [name: string, respond: (request: TokenRequest) => void][] = [
    ['400 with nothing', ({ response }) => void response.writeHead(400).end()],
    [
      '400 as HTML',
      ({ response }) => void response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>'),
    ],
    ['invalid_request', (request) => request.respond({ error: 'invalid_request' }, 400)],
    ['a code of its own', (request) => request.respond({ error: 'token_expired' }, 400)],
    ['403', (request) => request.respond({ message: 'Forbidden' }, 403)],
  ];
  const over = () =>
    buildSession({ tokens: buildTokens({ refreshToken: 'refresh-1', expiresAtSec: noonSec }) });
  /** Requests that come again and again, each later than any back-off. */
  async function repeatForAMinute(session: Session): Promise<unknown> {
    for (let step = 0; step < 4; step += 1) {
      expect(await refreshTokens(session)).toMatchObject({ kind: 'retry_later' });
      pass(16_000);
    }
    return refreshTokens(session);
  }

  it.each(rejections)(
    'RF-06: %s that repeats for a minute once the access token is over is final',
    async (_name, respond) => {
      server.onTokenRequest = respond;
      const final = { kind: 'login_required', reason: 'refresh_rejected' };
      expect(await repeatForAMinute(over())).toEqual(final);
      const sent = server.tokenRequests.length;
      expect(await refreshTokens(over())).toEqual(final);
      expect(server.tokenRequests).toHaveLength(sent);
    },
  );

  it.each([
    ...[
      'invalid_client',
      'unauthorized_client',
      'invalid_scope',
      'unsupported_grant_type',
      'invalid_target',
    ].map((error) => [error, (request: TokenRequest) => request.respond({ error }, 400)] as const),
    ['401', (request: TokenRequest) => request.respond({}, 401)] as const,
    ['404', (request: TokenRequest) => request.respond({}, 404)] as const,
    [
      'the page of a gateway in front',
      ({ response }: TokenRequest) =>
        void response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>'),
    ] as const,
  ])(
    'RF-08: %s is the operator’s matter: however long it repeats, the session stays',
    async (_name, respond) => {
      server.onTokenRequest = respond;
      expect(await repeatForAMinute(over())).toMatchObject({ kind: 'retry_later' });
    },
  );

  it.each([503, 200])(
    'RF-06: a minute with a response of another kind (%i) in it begins anew',
    async (status) => {
      const reject = (request: TokenRequest) => request.respond({}, 400);
      const session = over();
      server.onTokenRequest = reject;
      await refreshTokens(session);
      pass(61_000);
      // Servers that do not rotate give the same refresh token again, here with an access token that is over
      // at once.
      const kept = { ...secondTokens, refresh_token: undefined, expires_in: 1 };
      server.onTokenRequest = (request) => request.respond(status === 200 ? kept : {}, status);
      await refreshTokens(session);
      pass(61_000);
      server.onTokenRequest = reject;
      expect(await refreshTokens(session)).toMatchObject({ kind: 'retry_later' });
    },
  );

  it('RF-06: while the access token works, no rejection counts', async () => {
    server.onTokenRequest = (request) => request.respond({}, 400);
    const tokens = buildTokens({ refreshToken: 'refresh-1', expiresAtSec: noonSec + 3_600 });
    expect(await repeatForAMinute(buildSession({ tokens }))).toMatchObject({ kind: 'retry_later' });
  });

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
    server.onTokenRequest = (request) => request.respond(secondTokens);
    expect(await refreshTokens(sessionOf('refresh-of-grace'))).toMatchObject({ kind: 'fresh' });
  });

  it('RF-07: when discovery fails, the session stays', async () => {
    server.handlers['/.well-known/openid-configuration'] = (_request, response) => void response.destroy();
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual({ kind: 'retry_later', reason: 'network' });
  });
});
