/**
 * What this server shows outside of the protocol: its home page, its one stylesheet, the pictures of its accounts.
 */
import { readFileSync } from 'node:fs';
import type { Context, Middleware } from 'koa';
import { picturePath } from './accounts.ts';
import { renderHomePage } from './pages/home.ts';
import { icon } from './pages/layout.ts';
import type { Parts } from './parts.ts';
import { drawPicture } from './picture.ts';

type Resource = { type: string; body: string; isShared: boolean };

export async function createSite({ settings, accounts }: Parts): Promise<Middleware> {
  const style = ['style', 'forms'].map(readStyle).join('\n');
  const resources = new Map<string, Resource>([
    ['/', { type: 'html', body: await renderHomePage(settings.appOrigin), isShared: false }],
    ['/assets/icon.svg', { type: 'svg', body: icon, isShared: true }],
    ['/assets/style.css', { type: 'css', body: style, isShared: true }],
  ]);
  for (const [position, account] of accounts.all.entries()) {
    const body = await drawPicture(account, position);
    resources.set(picturePath(account.id), { type: 'svg', body, isShared: true });
  }
  return async (ctx, next) => {
    const resource = resources.get(ctx.path);
    if (!resource || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    sendResource(ctx, resource);
  };
}

function sendResource(ctx: Context, { type, body, isShared }: Resource): void {
  ctx.type = type;
  ctx.body = body;
  if (!isShared) return;
  // Applications show the pictures on their own pages; ten minutes spare the stylesheet a trip per page.
  ctx.set('Cache-Control', 'public, max-age=600');
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
}

function readStyle(name: string): string {
  return readFileSync(new URL(`./pages/${name}.css`, import.meta.url), 'utf8');
}
