/**
 * The sign-in page: who asks, an e-mail address, a password.
 */
import { html } from 'hono/html';
import type { Account } from '../accounts.ts';
import type { Markup } from './layout.ts';
import { renderPage } from './layout.ts';

export type SignInPage = {
  uid: string;
  clientName: string;
  /** What stands in the e-mail field: a hint, or what was typed. */
  email: string;
  problem: string | null;
  demoAccounts: readonly (Pick<Account, 'name' | 'email'> & { password: string })[];
};

export function renderSignInPage({
  uid,
  clientName,
  email,
  problem,
  demoAccounts,
}: SignInPage): Promise<string> {
  const title = problem ? 'Problem: Sign in' : 'Sign in';
  return renderPage(
    title,
    html`<h1>Sign in</h1>
<p>${clientName} asks you to sign in.</p>
${problem ? html`<p class="problem" role="alert" id="problem">${problem}</p>` : ''}
<form method="post" action="/interaction/${uid}/login">
<div class="field">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${email}"
${problem ? html`aria-describedby="problem"` : ''}${email ? '' : html` autofocus`}>
</div>
<div class="field">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256"
${problem ? html`aria-describedby="problem"` : ''}${email ? html` autofocus` : ''}>
</div>
<div class="actions">
<button type="submit" class="primary">Sign in</button>
<button type="submit" formaction="/interaction/${uid}/abort" formnovalidate>Cancel</button>
</div>
</form>
${renderDemoAccounts(demoAccounts)}`,
  );
}

function renderDemoAccounts(demoAccounts: SignInPage['demoAccounts']): Markup {
  return html`<details>
<summary>Demo accounts</summary>
<ul class="accounts">
${demoAccounts.map(
  ({ name, email, password }) => html`<li><strong>${name}</strong>
<span>E-mail <code>${email}</code></span>
<span>Password <code>${password}</code></span></li>`,
)}
</ul>
</details>`;
}
