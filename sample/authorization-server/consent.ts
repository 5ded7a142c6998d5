/**
 * Shows the consent page and stores the decision. The grant follows from the decision when the request resumes.
 */
import { clientName } from './client.ts';
import type { ConsentQuestion } from './consent-question.ts';
import { applyConsentAnswer, composeConsentQuestion } from './consent-question.ts';
import type { Consent } from './consents.ts';
import { toScopes } from './consents.ts';
import { readForm } from './form.ts';
import { renderConsentPage } from './pages/consent.ts';
import type { Parts } from './parts.ts';
import { staySignedIn } from './permissions.ts';
import type { Turn } from './turn.ts';
import { finishTurn } from './turn.ts';

type Asked = {
  accountId: string;
  clientId: string;
  requested: Set<string>;
  remembered: Consent | null;
  question: ConsentQuestion;
};

export async function showConsent({ ctx, interaction }: Turn, parts: Parts): Promise<void> {
  const { accountId, question } = readQuestion(interaction, parts);
  const account = parts.accounts.findById(accountId);
  if (!account) throw new Error('The session belongs to an account that does not exist.');
  const returnsTo = new URL(String(interaction.params.redirect_uri)).origin;
  ctx.type = 'html';
  ctx.body = await renderConsentPage({ uid: interaction.uid, clientName, account, question, returnsTo });
}

export async function submitConsent(turn: Turn, parts: Parts): Promise<void> {
  const { accountId, clientId, requested, remembered, question } = readQuestion(turn.interaction, parts);
  const ticked = new Set((await readForm(turn.ctx)).getAll('permission'));
  const decision = applyConsentAnswer(question, requested, { ticked, remembered });
  parts.consents.save(accountId, clientId, decision);
  parts.log('consent_given', {
    account: accountId,
    client: clientId,
    granted: [...decision.granted].join(' '),
    rejected: [...decision.rejected].join(' '),
  });
  // Naming `consent` in the result is what settles `prompt=consent`: without it the question would come back.
  await finishTurn(turn, { consent: {} });
}

function readQuestion({ session, params }: Turn['interaction'], { consents }: Parts): Asked {
  if (!session) throw new Error('Nobody is signed in at the consent page.');
  const { accountId } = session;
  const clientId = String(params.client_id);
  // It is asked for whenever there is something to ask: this client can refresh tokens.
  const requested = toScopes(params.scope).add(staySignedIn.scope);
  const remembered = consents.find(accountId, clientId);
  const isPrompted = toScopes(params.prompt).has('consent');
  const question = composeConsentQuestion(requested, remembered, isPrompted);
  return { accountId, clientId, requested, remembered, question };
}
