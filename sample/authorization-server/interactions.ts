/**
 * The pages between the authorization request and its answer: sign in, consent, or give up.
 * Every form must come from our own pages and belong to this browser's interaction cookie.
 */
import type { Context, Middleware } from 'koa';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { showConsent, submitConsent } from './consent.ts';
import { isFromOwnPage } from './form.ts';
import type { Parts } from './parts.ts';
import { showSignIn, submitSignIn } from './sign-in.ts';
import type { Turn, TurnHandler } from './turn.ts';
import { finishTurn } from './turn.ts';

const address = /^\/interaction\/([\w-]{1,64})(?:\/(login|consent|abort))?$/;

const pages: Record<string, TurnHandler> = { login: showSignIn, consent: showConsent };
const forms: Record<string, TurnHandler> = { login: submitSignIn, consent: submitConsent, abort };

export function serveInteractions(provider: Provider, parts: Parts): Middleware {
  return async (ctx, next) => {
    const [, uid, form] = address.exec(ctx.path) ?? [];
    if (!uid || !isExpectedMethod(ctx, form)) return next();
    if (form && !isFromOwnPage(ctx, parts.settings.issuer)) throw new ForeignForm();
    const interaction = await provider.interactionDetails(ctx.req, ctx.res);
    if (interaction.uid !== uid) throw new errors.SessionNotFound('another sign-in is open at this address');
    const handler = form ? forms[form] : pages[interaction.prompt.name];
    if (!handler || (form && form !== 'abort' && form !== interaction.prompt.name))
      throw new errors.SessionNotFound('this form is not asked for now');
    await handler({ ctx, interaction, provider }, parts);
  };
}

function isExpectedMethod({ method }: Context, form: string | undefined): boolean {
  return form ? method === 'POST' : method === 'GET' || method === 'HEAD';
}

async function abort(turn: Turn, { log }: Parts): Promise<void> {
  const { params, prompt, session } = turn.interaction;
  const isConsent = prompt.name === 'consent';
  log(isConsent ? 'consent_declined' : 'sign_in_cancelled', {
    client: String(params.client_id),
    account: session?.accountId,
  });
  const error_description = isConsent ? 'the person declined' : 'the person cancelled signing in';
  await finishTurn(turn, { error: 'access_denied', error_description });
}

class ForeignForm extends Error {
  override readonly name = 'ForeignForm';
  readonly status = 403;
}
