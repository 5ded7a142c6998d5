/**
 * Answers only under the issuer's own host name. Endpoints in the discovery document follow the Host header,
 * and a name that an attacker points at loopback must not reach the pages. @see RFC 9110 §7.4
 */
import type { Middleware } from 'koa';

export function requireOwnHost(issuer: string): Middleware {
  const { host } = new URL(issuer);
  return async (ctx, next) => {
    if (ctx.host === host) return next();
    ctx.status = 421;
    ctx.type = 'text';
    ctx.body = `This server answers only at ${issuer}.\n`;
  };
}
