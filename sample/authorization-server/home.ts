/**
 * The page at `/`, which knows who is signed in here and lets them sign out without any application.
 */
import type { Context, Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { Account, Accounts } from './accounts.ts';
import { renderHomePage } from './pages/home.ts';
import type { Parts } from './parts.ts';

export const homePath = '/';

export function serveHome(provider: Provider, { settings, accounts }: Parts): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== homePath || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    ctx.type = 'html';
    ctx.body = await renderHomePage(settings.appUrl, await findSignedIn(ctx, provider, accounts));
  };
}

/** Only looks: the session is neither prolonged nor changed. */
async function findSignedIn(ctx: Context, provider: Provider, accounts: Accounts): Promise<Account | null> {
  const { accountId } = await provider.Session.get(ctx);
  return accountId === undefined ? null : accounts.findById(accountId);
}
