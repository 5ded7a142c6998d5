/**
 * Which scopes a request asks for, and which ones a response grants. Pure.
 * @see RFC 6749 §3.3, §5.1
 */
import { type Api, isScopeOf, isScopeOfAlone } from '../config/apis';
import type { Config } from '../config/parse-config';
import type { TokenResult } from './token-response';

/** Scopes that identify the user. They are requested at every sign-in, and are no permissions of the API. */
export const identityScopes: readonly string[] = ['openid', 'profile', 'email'];

/**
 * The scopes of a request that keeps the granted permissions: these and the identity scopes, as far as they
 * are configured.
 */
export function keepPermissions(configured: readonly string[], granted: readonly string[]): string[] {
  return configured.filter((scope) => identityScopes.includes(scope) || granted.includes(scope));
}

/**
 * The scopes of a request for one more permission: the granted ones, the identity scopes and that one, as far
 * as they are configured.
 */
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
 * `scope` of a token request, where it names any. The first token is what a request brings by itself, unless the scopes are all
 * that tells the server which API it is for: a code or refresh token may be good for several.
 */
export function scopeParameter(
  scopes: readonly string[],
  api: Api,
  { apis, audienceAs }: Pick<Config, 'apis' | 'audienceAs'>,
): { scope?: string } {
  if (api.tokenName === null && audienceAs !== 'scope') return {};
  const ofToken = scopes.filter((scope) =>
    api.tokenName === null ? isScopeOf(apis, null, scope) : api.scopes.includes(scope),
  );
  return ofToken.length === 0 ? {} : { scope: ofToken.join(' ') };
}

/** Which of several access tokens a response has: config/apis.ts. */
export type OneToken = { apis: readonly Api[]; tokenName: string | null };

/**
 * The scopes that the response grants. A response without `scope` grants all that was requested. `scope` is
 * about the access token only: identity scopes show in the ID token, and `offline_access` was granted if
 * there is a refresh token. Nor does it say anything of the scopes of other tokens: they stay as they are.
 */
export function readGrantedScopes(
  response: Pick<TokenResult, 'scopes' | 'refreshToken'>,
  requested: readonly string[],
  token: OneToken = { apis: [], tokenName: null },
): string[] {
  const isGranted = (scope: string) => {
    if (!isScopeOfAlone(token.apis, token.tokenName, scope)) return true;
    if (identityScopes.includes(scope)) return true;
    if (scope === 'offline_access') return response.refreshToken !== null;
    return response.scopes === null || response.scopes.some((one) => one === scope || isMeantBy(scope, one));
  };
  return requested.filter(isGranted);
}

/** `api://billing/.default` asks for what was consented to before; a response names that in its place. */
function isMeantBy(scope: string, granted: string): boolean {
  return scope.endsWith('/.default') && granted.startsWith(scope.slice(0, -'.default'.length));
}
