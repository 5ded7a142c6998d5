/**
 * Leaving Harbour ID. With a valid `id_token_hint` of the person who is signed in, the application has already asked
 * them, so nothing is asked here. @see OpenID Connect RP-Initiated Logout §2
 */
import type { Context, Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { Interaction, KoaContextWithOIDC, Session } from 'oidc-provider';
import { tellClients } from './backchannel-logout.ts';
import { clientName } from './client.ts';
import { homePath } from './home.ts';
import type { Log } from './log.ts';
import { renderSignedOutPage, renderSignOutPage } from './pages/sign-out.ts';

export function createSignOut(appUrl: string, log: Log) {
  return {
    async askOrSignOut(ctx: KoaContextWithOIDC, form: string): Promise<void> {
      const { session, entities, client } = ctx.oidc;
      const hinted = entities.IdTokenHint?.payload.sub;
      if (session?.accountId && hinted === session.accountId) return endSession(ctx, session, log);
      ctx.body = await renderSignOutPage(form, client ? clientName : null);
    },
    async showSignedOut(ctx: KoaContextWithOIDC): Promise<void> {
      // Also the end of "Stay signed in" when no application waits for an answer.
      const { accountId } = await ctx.oidc.provider.Session.get(ctx);
      if (accountId !== undefined) return ctx.redirect(homePath);
      ctx.body = await renderSignedOutPage(appUrl);
    },
  };
}

async function endSession(ctx: KoaContextWithOIDC, session: Session, log: Log): Promise<void> {
  const { provider } = ctx.oidc;
  const { accountId = '' } = session;
  await tellClients(provider, session, log);
  for (const authorization of Object.values(session.authorizations ?? {}))
    if (!authorization.persistsLogout) await forgetGrant(provider, authorization.grantId);
  await session.destroy();
  ctx.cookies.set(provider.cookieName('session'), null, { signed: true });
  log('signed_out', { account: accountId });
  continueAfter(ctx);
}

/** Tokens that last only as long as the session go with it; refresh tokens are the client's to revoke. */
async function forgetGrant(provider: Provider, grantId: string | undefined): Promise<void> {
  if (!grantId) return;
  await provider.AuthorizationCode.revokeByGrantId(grantId);
  await provider.AccessToken.revokeByGrantId(grantId);
  await provider.RefreshToken.revokeByGrantId(grantId);
  await provider.Grant.adapter.destroy(grantId);
}

/** Nobody is signed in: oidc-provider would show a form that needs a script or a click. The request just goes on. */
export const skipEmptySignOut: Middleware = async (ctx, next) => {
  await next();
  if (ctx.path !== '/oidc/logout' || ctx.status !== 200 || ctx.method !== 'GET') return;
  if (isAnswered(ctx) && !ctx.oidc.session?.accountId) continueAfter(ctx);
};

function isAnswered(ctx: Context): ctx is Context & KoaContextWithOIDC {
  return ctx.oidc?.session?.state !== undefined;
}

/** To where the client wants the person to go, which was checked against its registration before. */
function continueAfter(ctx: KoaContextWithOIDC): void {
  const { params, provider } = ctx.oidc;
  const target = new URL(String(params?.post_logout_redirect_uri ?? provider.urlFor('end_session_success')));
  if (params?.post_logout_redirect_uri && typeof params.state === 'string')
    target.searchParams.set('state', params.state);
  ctx.status = 303;
  ctx.redirect(target.href);
}

/**
 * Somebody signs in over another person's session: that session ends as by signing out, and the interaction
 * goes on without it.
 */
export async function leaveOtherAccount(
  provider: Provider,
  interaction: Interaction,
  log: Log,
): Promise<void> {
  const session = interaction.session && (await provider.Session.findByUid(interaction.session.uid));
  if (session) {
    await tellClients(provider, session, log);
    await session.destroy();
    log('signed_out', { account: session.accountId });
  }
  interaction.session = undefined;
  await interaction.persist();
}
