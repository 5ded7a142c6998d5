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
  it('RFC 7009 §2.1: sends the token, what it is, and who asks', async () => {
    let sent: unknown = null;
    offerRevocation(server, (request, response, body) => {
      sent = [request.headers.authorization?.split(' ')[0], Object.fromEntries(new URLSearchParams(body))];
      response.writeHead(200).end();
    });
    expect(await revokeRefreshToken('refresh-1')).toBe('revoked');
    expect(sent).toEqual(['Basic', { token: 'refresh-1', token_type_hint: 'refresh_token' }]);
  });

  it.each([400, 401, 503])('RF-19: an answer of %d is a failure and no error', async (status) => {
    offerRevocation(server, (_request, response) => response.writeHead(status).end('{}'));
    expect(await revokeRefreshToken('refresh-1')).toBe('failed');
  });

  it('RF-19: a server without such an endpoint, or without any answer, stops nobody', async () => {
    expect(await revokeRefreshToken('refresh-1')).toBe('unsupported');
    useEnvironment({ AUTH_ISSUER: server.origin });
    server.reset();
    expect(await revokeRefreshToken('refresh-1')).toBe('failed');
  });

  it('RF-19: a server that hangs is waited for no longer than two seconds', async () => {
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
