/**
 * Reads a form that one of our own pages sent.
 */
import type { Context } from 'koa';

/** Far above what any page sends, far below what would hurt. */
const maxBytes = 16 * 1024;

/** @throws 413 and 415 as Koa errors */
export async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) ctx.throw(415, 'Only forms are accepted here.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of ctx.req) {
    bytes += chunk.length;
    if (bytes > maxBytes) ctx.throw(413, 'This form is too large.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/**
 * False when a browser says that another origin sent this form. Clients that are no browsers say nothing; the
 * interaction cookie still binds them. @see Fetch Metadata §2.3
 */
export function isFromOwnPage(ctx: Context, issuer: string): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  if (site) return site === 'same-origin';
  const origin = ctx.get('Origin');
  return origin === '' || origin === issuer;
}
