/**
 * Authorization and logout requests may also arrive as forms. They continue as the same request by GET: a form from
 * another site carries no session cookie (SameSite=Lax), the redirect that follows does.
 * @see OpenID Connect Core §3.1.2.1, OpenID Connect RP-Initiated Logout §2
 */
import type { Middleware } from 'koa';
import { readForm } from './form.ts';

const paths: readonly string[] = ['/authorize', '/oidc/logout'];

export const continueByGet: Middleware = async (ctx, next) => {
  if (ctx.method !== 'POST' || !paths.includes(ctx.path)) return next();
  const form = await readForm(ctx);
  ctx.status = 303;
  ctx.redirect(`${ctx.path}?${form}`);
};
