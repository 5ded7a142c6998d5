import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { offerRevocation } from '../testing/revocation-endpoint';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { revokeRefreshToken } from './token-revocation';

let server: TokenEndpoint;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart();
});
afterEach(() => void vi.useRealTimers());

describe('RF-19: revoking a refresh token', () => {
  it('RFC 7009 §2.1: sends the token, its type and the credentials of the client', async () => {
    let sent: unknown = null;
    offerRevocation(server, (request, response, body) => {
      sent = [request.headers.authorization?.split(' ')[0], Object.fromEntries(new URLSearchParams(body))];
      response.writeHead(200).end();
    });
    expect(await revokeRefreshToken('refresh-1')).toBe('revoked');
    expect(sent).toEqual(['Basic', { token: 'refresh-1', token_type_hint: 'refresh_token' }]);
  });

  it.each([400, 401, 503])(
    'RF-19: a response of %d is a failed outcome, not an exception',
    async (status) => {
      offerRevocation(server, (_request, response) => response.writeHead(status).end('{}'));
      expect(await revokeRefreshToken('refresh-1')).toBe('failed');
    },
  );

  it('RF-19: a server without such an endpoint, or one that is down, gives an outcome and no exception', async () => {
    expect(await revokeRefreshToken('refresh-1')).toBe('unsupported');
    useEnvironment({ AUTH_ISSUER: server.origin });
    server.reset();
    expect(await revokeRefreshToken('refresh-1')).toBe('failed');
  });

  it('RF-19: a server that does not respond holds up signing out for two seconds at most', async () => {
    const { promise: arrival, resolve } = Promise.withResolvers<void>();
    offerRevocation(server, () => resolve());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const outcome = revokeRefreshToken('refresh-1');
    await arrival;
    vi.advanceTimersByTime(2_000);
    const soon = new Promise((resolveSoon) => setImmediate(resolveSoon, 'still waiting'));
    expect(await Promise.race([outcome, soon])).toBe('failed');
  });
});
