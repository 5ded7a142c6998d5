/**
 * The APIs that access tokens are made for, each named by `resource` (RFC 8707) or by its alias `audience`. A token is
 * for one of them.
 */
import type { Configuration, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { listCalendars, type SampleSettings } from '../settings.ts';
import { toScopes } from './consents.ts';
import { apiPermissions, calendarPermissions, isScopeOf, type Permission } from './permissions.ts';

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;

/** The permissions of each API, by its identifier. */
export function listResources(settings: SampleSettings): ReadonlyMap<string, readonly Permission[]> {
  const calendars = listCalendars(settings).map((identifier, index) => {
    const audience = (index === 0 && settings.calendarAudience) || identifier;
    return [audience, calendarPermissions] as const;
  });
  return new Map([[audienceOfApi(settings), apiPermissions], ...calendars]);
}

function audienceOfApi({ apiAudience, apiIdentifier }: SampleSettings): string {
  return apiAudience ?? apiIdentifier;
}

export function describeResources(settings: SampleSettings): ResourceIndicators {
  return {
    enabled: true,
    defaultResource: (ctx, _client, granted) => chooseResource(ctx, settings, granted),
    getResourceServerInfo: (_ctx, identifier) => describeApi(identifier, settings),
    // A token request that names no resource gets a token for the one that was authorized.
    useGrantedResource: () => true,
  };
}

/** Without `resource`: the audience that was named, or the first API if it was granted or its permissions are asked for. */
function chooseResource(
  { oidc }: KoaContextWithOIDC,
  settings: SampleSettings,
  granted: readonly string[] | string | undefined,
): string | undefined {
  const { audience, scope } = oidc.params ?? {};
  const api = audienceOfApi(settings);
  if (typeof audience === 'string') return audience;
  if (granted !== undefined) return [granted].flat().includes(api) ? api : [granted].flat()[0];
  return [...toScopes(scope)].some((one) => isScopeOf(apiPermissions, one)) ? api : undefined;
}

/** @throws InvalidTarget for any other resource. @see RFC 8707 §2, RFC 9068 §2 */
function describeApi(identifier: string, settings: SampleSettings): ResourceServer {
  refuseUnknownAudience(identifier, settings);
  const permissions = listResources(settings).get(identifier) ?? [];
  return {
    audience: identifier,
    scope: permissions.map(({ scope }) => scope).join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: settings.accessTokenLifetimeSec,
    jwt: { sign: { alg: 'RS256' } },
  };
}

export function refuseUnknownAudience(audience: string, settings: SampleSettings): void {
  if (!listResources(settings).has(audience)) throw new errors.InvalidTarget();
}
