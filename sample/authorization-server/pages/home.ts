/**
 * The page at `/`: what this server is, for whoever opens its address.
 */
import { html } from 'hono/html';
import { renderPage } from './layout.ts';

export function renderHomePage(appOrigin: string): Promise<string> {
  return renderPage(
    'About',
    html`<h1>This is Harbour ID</h1>
<p>Harbour ID keeps three invented accounts and signs them in to Strongroom. It is the bundled authorization server of the
demo, runs on this machine only, and is another party than Strongroom: the two meet over HTTP.</p>
<p>There is nothing to do here. Start at <a href="${appOrigin}">${appOrigin}</a>.</p>
<h2>For developers</h2>
<p>An OpenID Provider on <code>oidc-provider</code>: authorization code with PKCE, rotating refresh tokens, pushed
requests, DPoP, revocation, logout. See its <a href="/.well-known/openid-configuration">discovery document</a>.</p>`,
  );
}
