/**
 * Which APIs a sign-in asks for beside the first one. The server rejects a request as a whole for one audience that
 * it does not know, so the request is made again without that of an API which is not the first: signing in goes on,
 * and that API alone is unavailable.
 * @see RFC 8707 §2 and §2.1
 */
import 'server-only';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../base/errors';
import { logFailure } from '../base/log';
import type { Api } from '../config/apis';
import { getConfig } from '../config/config';

/** Names of APIs that a request leaves out, in the order in which it was tried. */
export type LeftOut = readonly string[];

/** Beyond that many, not each of them is left out alone: browsers follow about twenty redirects. */
const maxTriedAlone = 4;

/**
 * The other APIs of which `resource` names the audience: an authorization request repeats it for each, so that the
 * refresh token is good for all.
 */
export function listMoreTargets(scopes: readonly string[]): Api[] {
  const { apis, audienceAs } = getConfig();
  if (audienceAs !== 'resource' && audienceAs !== 'both') return [];
  return apis.filter(({ name, tokenName, audience, scopes: own }) => {
    const isWanted = own.length === 0 || own.some((scope) => scopes.includes(scope));
    return name === tokenName && isWanted && audience !== null && URL.canParse(audience);
  });
}

/** The request with those APIs: `resource` of each, and no scope that is about one that is left out. */
export function nameTargets(request: URL, scopes: readonly string[], leftOut: LeftOut = []): URL {
  const url = new URL(request);
  url.searchParams.set('scope', keepScopes(scopes, leftOut).join(' '));
  // next-auth takes each parameter once.
  for (const api of listMoreTargets(scopes))
    if (!isLeftOut(leftOut, api)) url.searchParams.append('resource', api.audience ?? '');
  return url;
}

/** Those of the request: without the ones that are about what is left out, and nothing else. */
export function keepScopes(scopes: readonly string[], leftOut: LeftOut): string[] {
  return scopes.filter((scope) => {
    const named = getConfig().apis.filter((api) => api.tokenName !== null && api.scopes.includes(scope));
    return named.length === 0 || !named.every((api) => isLeftOut(leftOut, api));
  });
}

function isLeftOut(leftOut: LeftOut, { tokenName }: Api): boolean {
  return tokenName !== null && leftOut.includes(tokenName);
}

/**
 * What to leave out next, after the server rejected the target of a request: each API alone, then all.
 * @returns null when there is nothing more to leave out: then the rejected target is that of the first API
 */
export function leaveOutNext(scopes: readonly string[], before: LeftOut): LeftOut | null {
  const names = listMoreTargets(scopes).map(({ name }) => name);
  const alone = names.length > 1 && names.length <= maxTriedAlone ? names.map((name) => [name]) : [];
  const tries = names.length === 0 ? [] : [[], ...alone, names];
  const at = tries.findIndex((leftOut) => isDeepStrictEqual(leftOut, before));
  return at === -1 ? null : (tries[at + 1] ?? null);
}

/** The operator learns which audience the server does not know, and where it is set. */
export function logLeftOut(leftOut: LeftOut): void {
  const error = new AppError('invalid_target');
  for (const { name: api, audience, audienceSource: variable } of getConfig().apis)
    if (leftOut.includes(api))
      logFailure('target_left_out', error, { api, audience: audience ?? 'none', variable });
}
