/** One refresh, whose response is good but for what the test changes. Test support only. */
import type { AppError } from '../base/errors';
import { requestFreshTokens } from '../oauth/refresh/refresh-request';
import { type RefreshableTokens, toChainLink } from '../oauth/refresh/result-cache';
import { buildSession, buildTokens } from './sessions';
import { secondTokens, type TokenEndpoint } from './token-endpoint';

export const oldTokens = { ...buildTokens({ previousRefreshKey: 'key-0' }), refreshToken: 'refresh-1' };
export const goodRefresh = { ...secondTokens, expires_in: 600 };

export const refreshingUser = (server: TokenEndpoint) => ({
  ...buildSession().user,
  issuer: server.origin,
});

function request(server: TokenEndpoint, changes: Record<string, unknown>) {
  server.onTokenRequest = ({ respond }) => respond({ ...goodRefresh, ...changes });
  return requestFreshTokens(toChainLink(oldTokens), refreshingUser(server));
}

export async function refreshedWith(
  server: TokenEndpoint,
  changes: Record<string, unknown>,
): Promise<RefreshableTokens> {
  const result = await request(server, changes);
  if (result.kind !== 'fresh') throw result.error;
  return result.tokens;
}

export async function failureOfRefresh(
  server: TokenEndpoint,
  changes: Record<string, unknown>,
): Promise<AppError> {
  const result = await request(server, changes);
  if (result.kind === 'fresh') throw new Error('was expected to fail and did not');
  return result.error;
}
