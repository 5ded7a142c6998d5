/**
 * Everything oidc-provider is told: endpoints named as Auth0 names them, what is offered, and for how long.
 */
import type { Configuration } from 'oidc-provider';
import type { SampleSettings } from '../settings.ts';
import { toProviderAccount } from './accounts.ts';
import { passwordAcr } from './authentication.ts';
import { describeClient } from './client.ts';
import type { ConsentStore } from './consents.ts';
import { createGrantLoader } from './grant.ts';
import type { Parts } from './parts.ts';
import { staySignedIn } from './permissions.ts';
import { createProblemPages } from './problem.ts';
import { describeResources, listResources, refuseUnknownAudience } from './resource.ts';
import { createSignOut } from './sign-out.ts';
import { readOrCreateSigningKeys } from './signing-keys.ts';
import { createTokenClaims } from './token-claims.ts';

const daySec = 24 * 3600;

const routes = {
  authorization: '/authorize',
  token: '/oauth/token',
  pushed_authorization_request: '/oauth/par',
  revocation: '/oauth/revoke',
  userinfo: '/userinfo',
  jwks: '/.well-known/jwks.json',
  end_session: '/oidc/logout',
};

export function createConfiguration(parts: Parts): Configuration {
  const { settings, secrets, accounts, artifacts, consents, log } = parts;
  const showProblem = createProblemPages(settings.appUrl, log);
  return {
    routes,
    adapter: (model) => artifacts.adapterFor(model),
    clients: [describeClient(settings, secrets)],
    jwks: readOrCreateSigningKeys(settings.stateFolder),
    cookies: describeCookies(secrets.authorizationServerCookieKey),
    features: describeFeatures(parts),
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'picture'], email: ['email', 'email_verified'] },
    acrValues: [passwordAcr],
    clientAuthMethods: ['client_secret_basic'],
    // The API's tokens are not for userinfo, so the ID token carries the profile.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    ...describeRefreshTokens(consents),
    rotateRefreshToken: settings.rotatesRefreshTokens,
    extraTokenClaims: createTokenClaims(settings.accessTokenPadding),
    extraParams: {
      audience(_ctx, audience) {
        if (audience !== undefined) refuseUnknownAudience(audience, settings);
      },
    },
    findAccount: (_ctx, id) => {
      const account = accounts.findById(id);
      return account ? toProviderAccount(account, settings.issuer) : undefined;
    },
    loadExistingGrant: createGrantLoader(consents, listResources(settings)),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    renderError: (ctx, _out, error) => showProblem(ctx, error, ctx.status),
    ttl: describeLifetimes(settings),
    fetch: callClient,
  };
}

/**
 * Whoever ticked "Stay signed in" gets refresh tokens at every sign-in, and they outlive the session here. Without
 * `prompt=consent` oidc-provider ignores the scope `offline_access`; the remembered consent is the other condition
 * that the specification leaves to a server.
 * @see OpenID Connect Core §11, docs/decisions/0018-staying-signed-in.md
 */
function describeRefreshTokens(
  consents: ConsentStore,
): Pick<Configuration, 'issueRefreshToken' | 'expiresWithSession'> {
  return {
    issueRefreshToken: async (_ctx, client, { accountId }) =>
      client.grantTypeAllowed('refresh_token') &&
      accountId !== undefined &&
      consents.find(accountId, client.clientId)?.granted.has(staySignedIn.scope) === true,
    expiresWithSession: async () => false,
  };
}

/** In seconds. A family of refresh tokens ends with its grant, a year after the first sign-in of a session. */
function describeLifetimes(settings: SampleSettings): Configuration['ttl'] {
  return {
    AccessToken: settings.accessTokenLifetimeSec,
    RefreshToken: settings.refreshTokenLifetimeSec,
    AuthorizationCode: 60,
    IdToken: 3600,
    Interaction: 3600,
    Session: 14 * daySec,
    Grant: 365 * daySec,
  };
}

/**
 * Only for back-channel logout. The client is on loopback, which the library's own dispatcher refuses to reach.
 * `init` carries the library's signal that ends the call after 2.5 s: a client that hangs holds nobody up for longer.
 */
const callClient: Configuration['fetch'] = (url, init) =>
  fetch(url, { ...init, dispatcher: undefined } as RequestInit);

function describeFeatures({ settings, log }: Parts): Configuration['features'] {
  const { askOrSignOut, showSignedOut } = createSignOut(settings.appUrl, log);
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: describeResources(settings),
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    userinfo: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: askOrSignOut, postLogoutSuccessSource: showSignedOut },
  };
}

/** Cookies ignore ports: names of our own keep apart from whatever else runs on this host. */
function describeCookies(key: string): Configuration['cookies'] {
  return {
    keys: [key],
    names: { session: 'harbour_session', interaction: 'harbour_interaction', resume: 'harbour_resume' },
    long: { httpOnly: true, sameSite: 'lax', signed: true },
    short: { httpOnly: true, sameSite: 'lax', signed: true },
  };
}
