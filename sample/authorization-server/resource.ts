/**
 * The one API that access tokens are made for, named by `resource` (RFC 8707) or by its alias `audience`.
 */
import type { Configuration, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { SampleSettings } from '../settings.ts';
import { toScopes } from './consents.ts';
import { apiPermissions, isApiScope } from './permissions.ts';

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;

export function describeResources(settings: SampleSettings): ResourceIndicators {
  return {
    enabled: true,
    defaultResource: (ctx, _client, oneOf) => oneOf ?? chooseResource(ctx, settings),
    getResourceServerInfo: (_ctx, identifier) => describeApi(identifier, settings),
    // A token request that names no resource gets a token for the one that was authorized.
    useGrantedResource: () => true,
  };
}

/** Without `resource`: the audience that was named, or the API when one of its permissions is asked for. */
function chooseResource({ oidc }: KoaContextWithOIDC, settings: SampleSettings): string | undefined {
  const { audience, scope } = oidc.params ?? {};
  if (typeof audience === 'string') return audience;
  return [...toScopes(scope)].some(isApiScope) ? settings.apiIdentifier : undefined;
}

/** @throws InvalidTarget for any other resource. @see RFC 8707 §2, RFC 9068 §2 */
function describeApi(identifier: string, settings: SampleSettings): ResourceServer {
  refuseUnknownAudience(identifier, settings.apiIdentifier);
  return {
    audience: settings.apiIdentifier,
    scope: apiPermissions.map(({ scope }) => scope).join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: settings.accessTokenLifetimeSec,
    jwt: { sign: { alg: 'RS256' } },
  };
}

export function refuseUnknownAudience(audience: string, apiIdentifier: string): void {
  if (audience !== apiIdentifier) throw new errors.InvalidTarget();
}
