/**
 * Two pages around signing out of Harbour ID: the question, and the end when no application waits.
 */
import { html, raw } from 'hono/html';
import { renderPage } from './layout.ts';

/** `form` is oidc-provider's own markup: an empty form with the id `op.logoutForm` and a secret against forgery. */
export function renderSignOutPage(form: string, clientName: string | null): Promise<string> {
  return renderPage(
    'Sign out',
    html`<h1>Sign out of Harbour ID?</h1>
<p>${clientName ? `${clientName} asks you to sign out. ` : ''}Every application that you entered through Harbour ID is told.</p>
${raw(form)}
<div class="actions">
<button type="submit" form="op.logoutForm" name="logout" value="yes" class="primary">Sign out</button>
<button type="submit" form="op.logoutForm">Stay signed in</button>
</div>`,
  );
}

export function renderSignedOutPage(appUrl: string): Promise<string> {
  return renderPage(
    'Signed out',
    html`<h1>You are signed out</h1>
<p>Harbour ID no longer knows this browser. Your permissions are kept for the next time.</p>
<p><a href="${appUrl}">Go to ${appUrl}</a></p>`,
  );
}
