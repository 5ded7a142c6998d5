/** What was asked for and what was granted. Pure. @see RFC 6749 §3.3, §5.1 */
import type { TokenResult } from './token-response';

/** Who somebody is: asked for at every sign-in, and no permission of the API. */
export const identityScopes: readonly string[] = ['openid', 'profile', 'email'];

/** The scopes of a request that keeps what was granted: that and who it is; nothing beyond the configured scopes. */
export function keepPermissions(configured: readonly string[], granted: readonly string[]): string[] {
  return configured.filter((scope) => identityScopes.includes(scope) || granted.includes(scope));
}

/** The scopes of a request for one permission more: what was granted, who it is, and that one; nothing beyond the configured scopes. */
export function addPermission(
  configured: readonly string[],
  granted: readonly string[],
  permission: string,
): string[] {
  return configured.filter(
    (scope) => identityScopes.includes(scope) || scope === permission || granted.includes(scope),
  );
}

/**
 * The scopes that the answer grants. An answer without `scope` grants what was requested; and `scope` speaks of the access token only:
 * who signed in is in the ID token, and `offline_access` was granted if there is a refresh token.
 */
export function readGrantedScopes(
  answer: Pick<TokenResult, 'scopes' | 'refreshToken'>,
  requested: readonly string[],
): string[] {
  const isGranted = (scope: string) => {
    if (identityScopes.includes(scope)) return true;
    if (scope === 'offline_access') return answer.refreshToken !== null;
    return answer.scopes === null || answer.scopes.includes(scope);
  };
  return requested.filter(isGranted);
}
