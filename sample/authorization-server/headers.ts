/**
 * Headers of every answer. No script runs here, nothing is framed, nothing is stored.
 * Forms may lead on to the application: browsers apply `form-action` to the redirects that follow a form.
 */
import type { Middleware } from 'koa';

export function setSecurityHeaders(appUrl: string): Middleware {
  const contentSecurityPolicy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "script-src 'none'",
    `form-action 'self' ${new URL(appUrl).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': contentSecurityPolicy,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, and the origin check needs it.
      // Nothing is sent to other origins either way. @see Fetch §3.2
      'Referrer-Policy': 'same-origin',
    });
    await next();
  };
}
