/**
 * A step-up on its way through the browser, sealed: from the page whose API call needs it to the route that
 * starts the sign-in. So `max_age` and `acr_values` never come from a query that another site wrote.
 */
import 'server-only';
import { z } from 'zod';
import { authenticationRequirementSchema } from './authentication-requirement';
import { cookieLifetimes } from './cookies';
import { seal, unseal } from './seal';

const stepUpSchema = z.object({
  /** Pseudonym of the user who must sign in again. */
  owner: z.string().min(1),
  requirement: authenticationRequirementSchema,
  /** The pending action that needs it (pending-action.ts), or null for a page. */
  pendingId: z.string().nullable(),
});

export type StepUp = z.infer<typeof stepUpSchema>;

export function sealStepUp(stepUp: StepUp): Promise<string> {
  return seal('step_up', stepUp, cookieLifetimes.pendingSec);
}

/** The step-up, or null when it is not ours, too old or about another user. */
export async function openStepUp(text: string | null, owner: string): Promise<StepUp | null> {
  if (text === null) return null;
  const stepUp = stepUpSchema.safeParse(await unseal('step_up', text, cookieLifetimes.pendingSec)).data;
  return stepUp?.owner === owner ? stepUp : null;
}
