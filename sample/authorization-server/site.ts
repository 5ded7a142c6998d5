/**
 * What this server shows to everybody alike: its one stylesheet and the pictures of its accounts.
 */
import { readFileSync } from 'node:fs';
import type { Context, Middleware } from 'koa';
import { picturePath } from './accounts.ts';
import { icon } from './pages/layout.ts';
import type { Parts } from './parts.ts';
import { drawPicture } from './picture.ts';

type Resource = { type: string; body: string };

export async function createSite({ accounts }: Parts): Promise<Middleware> {
  const style = ['style', 'forms'].map(readStyle).join('\n');
  const resources = new Map<string, Resource>([
    ['/assets/icon.svg', { type: 'svg', body: icon }],
    ['/assets/style.css', { type: 'css', body: style }],
  ]);
  for (const [position, account] of accounts.all.entries()) {
    const body = await drawPicture(account, position);
    resources.set(picturePath(account.id), { type: 'svg', body });
  }
  return async (ctx, next) => {
    const resource = resources.get(ctx.path);
    if (!resource || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    sendResource(ctx, resource);
  };
}

function sendResource(ctx: Context, { type, body }: Resource): void {
  ctx.type = type;
  ctx.body = body;
  // Applications show the pictures on their own pages; ten minutes spare the stylesheet a trip per page.
  ctx.set('Cache-Control', 'public, max-age=600');
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
}

function readStyle(name: string): string {
  return readFileSync(new URL(`./pages/${name}.css`, import.meta.url), 'utf8');
}
