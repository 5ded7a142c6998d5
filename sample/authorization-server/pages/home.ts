/**
 * The page at `/`: what this server is, for whoever opens its address, and the way out for whoever is signed in.
 */
import { html } from 'hono/html';
import type { Account } from '../accounts.ts';
import type { Markup } from './layout.ts';
import { renderPage } from './layout.ts';

export function renderHomePage(appUrl: string, account: Account | null): Promise<string> {
  return renderPage(
    'About',
    html`<h1>This is Harbour ID</h1>
<p>Harbour ID keeps a few invented accounts and signs them in to Strongroom. It is the bundled authorization server of the
demo, runs on this machine only, and is another party than Strongroom: the two meet over HTTP.</p>
${account ? renderSignOut(account) : html`<p>Nobody is signed in here.</p>`}
<p>Signing in starts at <a href="${appUrl}">${appUrl}</a>.</p>
<h2>For developers</h2>
<p>An OpenID Provider on <code>oidc-provider</code>: authorization code with PKCE, rotating refresh tokens, pushed
requests, DPoP, revocation, logout. See its <a href="/.well-known/openid-configuration">discovery document</a>.</p>`,
  );
}

/** By GET to the page that asks: its own form carries the secret against forgery. */
function renderSignOut({ name, email }: Account): Markup {
  return html`<p>You are signed in as ${name} (${email}).</p>
<form method="get" action="/oidc/logout">
<div class="actions"><button type="submit" class="primary">Sign out</button></div>
</form>`;
}
