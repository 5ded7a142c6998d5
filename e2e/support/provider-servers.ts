/**
 * Stock servers that behave as those of the presets do, as far as the application can tell: what they take,
 * what they reject, what their tokens are, and which endpoints they do not have.
 */
import type { Context, Middleware } from 'koa';
import { type ClientMetadata, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { ProviderName } from '../../lib/strongroom/config/provider-presets.ts';
import { githubLike } from './github-like-server.ts';
import type { StockServer, StockServerOptions } from './stock-server.ts';

export type ProviderServer = Omit<StockServerOptions, 'clients'> & {
  client: Partial<ClientMetadata>;
  clientSecret?: string;
  /** What the page of the provider says to set besides issuer, client and addresses. */
  env?: (server: StockServer, apiOrigin: string) => Record<string, string>;
};

type Behaviour = Pick<ProviderServer, 'issuerAt' | 'clientSecret' | 'env'> & {
  authentication: 'client_secret_basic' | 'client_secret_post';
  /** The authorization requests that the server shows an error for. */
  rejects?: (query: URLSearchParams) => boolean;
  /** Those that bring a refresh token; all where left out. */
  refreshes?: (query: URLSearchParams) => boolean;
  /** The API that access tokens are JWTs for; opaque without one. */
  audience?: (query: URLSearchParams) => string | undefined;
  /** The APIs that scopes are about, where they alone say so: a token request names those of one. */
  targets?: (scopes: string) => string[];
  describes?: (metadata: Record<string, unknown>, issuer: string) => void;
  /** Changes a response to a refresh. */
  refreshed?: (response: Record<string, unknown>) => void;
  /** Responds to a request for an endpoint of its own. */
  responds?: (ctx: Context) => boolean;
  configuration?: Configuration;
};

/** What can be chosen there for an application. */
export const auth0Settings = { isRotating: true };

const permissions = ['read:contacts', 'write:contacts', 'read:messages', 'write:messages', 'read:events'];
const ownApi = () => 'https://api.example.com';
const asksOffline = (query: URLSearchParams) => query.get('scope')?.includes('offline_access') ?? false;

/** Two APIs with scopes of their own: a token is for one of them. */
export const entraApis = { contacts: 'api://contacts', calendar: 'api://calendar' };

const behaviours: Record<Exclude<ProviderName, 'github-like'>, Behaviour> = {
  auth0: {
    issuerAt: (origin) => `${origin}/`,
    authentication: 'client_secret_post',
    refreshes: asksOffline,
    audience: (query) => query.get('audience') ?? undefined,
    // A tenant in which the discovery of the logout endpoint is off.
    describes: (metadata) => void delete metadata.end_session_endpoint,
    // Without rotation, a refresh brings no refresh token.
    refreshed: (response) => void (auth0Settings.isRotating || delete response.refresh_token),
    configuration: {
      rotateRefreshToken: () => auth0Settings.isRotating,
      routes: { end_session: '/oidc/logout' },
    },
    env: (_server, apiOrigin) => ({ AUTH_AUDIENCE: apiOrigin }),
  },
  keycloak: {
    issuerAt: (origin) => `${origin}/realms/main`,
    authentication: 'client_secret_basic',
    clientSecret: 'p%+q=&rT5bW9qN2rV7xM4p',
    audience: ownApi,
  },
  'entra-id': {
    issuerAt: (origin) => `${origin}/11111111-2222-3333-4444-555555555555/v2.0`,
    authentication: 'client_secret_post',
    rejects: (query) => query.has('resource') || /\w \w/.test(query.get('prompt') ?? ''),
    refreshes: asksOffline,
    targets: (scopes) => [
      ...(/\w:(?:contacts|messages)\b/.test(scopes) ? [entraApis.contacts] : []),
      ...(/\w:events\b/.test(scopes) ? [entraApis.calendar] : []),
    ],
    configuration: { features: { revocation: { enabled: false } } },
    env: () => ({ AUTH_AUDIENCE: entraApis.contacts, CALENDAR_AUDIENCE: entraApis.calendar }),
  },
  okta: {
    issuerAt: (origin) => `${origin}/oauth2/default`,
    authentication: 'client_secret_basic',
    refreshes: asksOffline,
    audience: ownApi,
  },
  google: {
    authentication: 'client_secret_post',
    rejects: (query) => asksOffline(query) || /login/.test(query.get('prompt') ?? ''),
    refreshes: (query) =>
      query.get('access_type') === 'offline' && query.get('prompt')?.includes('consent') === true,
    configuration: { rotateRefreshToken: false, features: { rpInitiatedLogout: { enabled: false } } },
  },
  cognito: {
    issuerAt: (origin) => `${origin}/eu-central-1_Ab3dE5f7G`,
    authentication: 'client_secret_basic',
    rejects: asksOffline,
    audience: (query) => query.get('resource') ?? undefined,
    describes: (metadata, issuer) => Object.assign(metadata, { end_session_endpoint: `${issuer}/logout` }),
    responds: signOutAtCognito,
    configuration: { features: { rpInitiatedLogout: { enabled: false } } },
    env: (_server, apiOrigin) => ({ AUTH_AUDIENCE: apiOrigin }),
  },
  oidc: {
    authentication: 'client_secret_basic',
    refreshes: (query) => asksOffline(query) && query.get('prompt')?.includes('consent') === true,
    audience: (query) => query.get('resource') ?? undefined,
    env: (_server, apiOrigin) => ({
      AUTH_AUDIENCE: apiOrigin,
      AUTH_AUTHORIZATION_PARAMS: 'prompt=consent',
    }),
  },
};

/** It knows two parameters of its own, and none of OpenID Connect. */
function signOutAtCognito(ctx: Context): boolean {
  if (ctx.path !== '/logout') return false;
  const { client_id: clientId, logout_uri: target } = ctx.query;
  if (typeof clientId === 'string' && typeof target === 'string') ctx.redirect(target);
  else ctx.status = 400;
  return true;
}

function toStockServer(behaviour: Behaviour): ProviderServer {
  const { authentication, configuration = {}, env, issuerAt, clientSecret } = behaviour;
  const { rejects, describes, responds, refreshes = () => true } = behaviour;
  const { audience = () => undefined, targets, refreshed } = behaviour;
  let query = new URLSearchParams();
  const before: Middleware = async (ctx, next) => {
    if (ctx.path === '/auth') {
      query = ctx.URL.searchParams;
      if (rejects?.(query)) return void Object.assign(ctx, { status: 400, body: 'rejected' });
      // Otherwise the library forgets `offline_access`, and rejects it in a refresh.
      if (targets !== undefined && !query.has('prompt')) ctx.query.prompt = 'consent';
    }
    if (responds?.(ctx)) return;
    await next();
    const body = ctx.body as Record<string, unknown>;
    if (ctx.path === '/.well-known/openid-configuration') describes?.(body, String(body.issuer));
    if (ctx.oidc?.params?.grant_type === 'refresh_token' && ctx.status === 200) refreshed?.(body);
  };
  return {
    client: { token_endpoint_auth_method: authentication },
    before,
    ...(env === undefined ? {} : { env }),
    ...(issuerAt === undefined ? {} : { issuerAt }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    configuration: {
      scopes: ['openid', 'offline_access', 'profile', 'email', ...permissions],
      issueRefreshToken: () => refreshes(query),
      ...configuration,
      features: {
        pushedAuthorizationRequests: { enabled: false },
        resourceIndicators: {
          enabled: true,
          defaultResource: (ctx) =>
            targets === undefined ? (audience(query) ?? []) : chooseTarget(ctx, query, targets),
          useGrantedResource: () => true,
          getResourceServerInfo: (_ctx, api) => ({
            scope: permissions.filter((one) => targets?.(one).includes(api) ?? true).join(' '),
            audience: api,
            accessTokenFormat: 'jwt',
          }),
        },
        ...configuration.features,
      },
    },
  };
}

/** All that the user is asked for; and of them, the one whose scopes a token request names. */
function chooseTarget(
  ctx: KoaContextWithOIDC,
  query: URLSearchParams,
  targets: (scopes: string) => string[],
) {
  if (ctx.oidc.route !== 'token') return targets(query.get('scope') ?? '');
  const [target, ...others] = targets(String(ctx.oidc.body?.scope ?? ''));
  if (target === undefined || others.length > 0)
    throw new errors.InvalidScope('it must have scopes of one resource (AADSTS28000, AADSTS28003)', 'scope');
  return target;
}

/** The stock server of each preset. */
export const providerServers: Readonly<Record<ProviderName, () => ProviderServer>> = {
  ...(Object.fromEntries(
    Object.entries(behaviours).map(([name, behaviour]) => [name, () => toStockServer(behaviour)]),
  ) as Record<keyof typeof behaviours, () => ProviderServer>),
  'github-like': githubLike,
};
