/**
 * A stock server as an OAuth 2.0 server from before OpenID Connect: no metadata, no ID tokens, scopes with
 * commas, errors with status 200, JSON only where it is asked for, and an endpoint that says who the user is.
 */
import type { Context, Middleware } from 'koa';
import type { StockServer } from './stock-server.ts';

const token = '/login/oauth/access_token';
const scopes = ['read:user', 'read:contacts', 'write:contacts', 'read:messages', 'write:messages'];
const errors: Readonly<Record<string, string>> = {
  invalid_grant: 'bad_verification_code',
  invalid_client: 'incorrect_client_credentials',
};

const octocat = { id: 583_231, login: 'octocat', name: 'Stock User', email: null, avatar_url: '' };

/** Whether tokens expire and come with refresh tokens, as a setting of each application there. */
export const githubSettings = { areTokensExpiring: false, user: octocat };

export function githubLike() {
  return {
    client: { token_endpoint_auth_method: 'client_secret_post' as const },
    before: changeEndpoints,
    configuration: {
      scopes,
      issueRefreshToken: () => githubSettings.areTokensExpiring,
      routes: { authorization: '/login/oauth/authorize', token },
      features: { rpInitiatedLogout: { enabled: false }, revocation: { enabled: false } },
    },
    env: ({ issuer }: StockServer) => ({ AUTH_USERINFO_ENDPOINT: `${issuer}/user` }),
  };
}

const changeEndpoints: Middleware = async (ctx, next) => {
  if (ctx.path.startsWith('/.well-known')) return void Object.assign(ctx, { status: 404 });
  if (ctx.path === '/user') return describeUser(ctx);
  await next();
  if (ctx.path === token) changeTokenResponse(ctx);
};

function changeTokenResponse(ctx: Context): void {
  const { id_token: _, expires_in, ...body } = (ctx.body ?? {}) as Record<string, unknown>;
  const code = errors[String(body.error)];
  const response = {
    ...body,
    ...(code === undefined ? {} : { error: code }),
    ...(githubSettings.areTokensExpiring && expires_in !== undefined ? { expires_in } : {}),
    ...(typeof body.scope === 'string' ? { scope: body.scope.replaceAll(' ', ',') } : {}),
  };
  ctx.status = 200;
  ctx.remove('www-authenticate');
  const isJson = ctx.get('accept').includes('application/json');
  ctx.body = isJson ? response : new URLSearchParams(response as Record<string, string>).toString();
}

/** Tells nobody without the name of a user agent, and nobody without a token. */
function describeUser(ctx: Context): void {
  if (ctx.get('user-agent') === '') ctx.status = 403;
  else if (!/^Bearer \S+$/.test(ctx.get('authorization'))) ctx.status = 401;
  else ctx.body = githubSettings.user;
}
