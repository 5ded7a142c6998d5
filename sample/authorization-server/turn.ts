/**
 * One request within one interaction: who is asked, by which request, and how it goes on.
 */
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { Interaction, InteractionResults } from 'oidc-provider';
import type { Parts } from './parts.ts';

export type Turn = { ctx: Context; interaction: Interaction; provider: Provider };
export type TurnHandler = (turn: Turn, parts: Parts) => Promise<void>;

/** Hands the result to oidc-provider, which goes on with the request and in the end answers the client. */
export async function finishTurn({ ctx, provider }: Turn, result: InteractionResults): Promise<void> {
  const returnTo = await provider.interactionResult(ctx.req, ctx.res, result);
  ctx.status = 303;
  ctx.redirect(returnTo);
}
