/**
 * The consent page: what the client may do, each permission in words with a checkbox.
 */
import { html } from 'hono/html';
import type { Account } from '../accounts.ts';
import type { ConsentQuestion } from '../consent-question.ts';
import type { Permission } from '../permissions.ts';
import { identityWords } from '../permissions.ts';
import type { Markup } from './layout.ts';
import { renderPage } from './layout.ts';

export type ConsentPage = {
  uid: string;
  clientName: string;
  account: Account;
  question: ConsentQuestion;
  /** Origin the person goes back to. */
  returnsTo: string;
};

export function renderConsentPage({
  uid,
  clientName,
  account,
  question,
  returnsTo,
}: ConsentPage): Promise<string> {
  const { asked, allowed } = question;
  return renderPage(
    `Permissions for ${clientName}`,
    html`<h1>What may ${clientName} do?</h1>
<p>You are signed in as ${account.name} (${account.email}).</p>
<form method="post" action="/interaction/${uid}/consent">
<fieldset>
<legend>${clientName} asks to</legend>
<ul class="permissions">
<li class="fixed">${identityWords} <small>Needed to sign you in</small></li>
${asked.map(renderChoice)}
</ul>
</fieldset>
${asked.length > 0 ? html`<p class="hint">Untick what you do not want. You can allow it later.</p>` : ''}
${allowed.length > 0 ? renderAllowed(allowed) : ''}
<div class="actions">
<button type="submit" class="primary">Allow</button>
<button type="submit" formaction="/interaction/${uid}/abort">Decline</button>
</div>
</form>
<p class="hint">Either way you go back to ${returnsTo}.</p>`,
  );
}

function renderChoice({ scope, words }: Permission): Markup {
  return html`<li><label><input type="checkbox" name="permission" value="${scope}" checked> ${words}</label></li>`;
}

function renderAllowed(allowed: readonly Permission[]): Markup {
  return html`<section aria-labelledby="allowed">
<h2 id="allowed">Already allowed</h2>
<ul class="allowed">${allowed.map(({ words }) => html`<li>${words}</li>`)}</ul>
</section>`;
}
