/**
 * A stepUp for a better sign-in on its way through the browser, sealed: from the page that met it to the route that starts the sign-in. So no
 * `max_age` and no `acr_values` ever come from a query that somebody else wrote.
 */
import 'server-only';
import { z } from 'zod';
import { authenticationRequirementSchema } from './authentication-requirement';
import { cookieLifetimes } from './cookies';
import { seal, unseal } from './seal';

const stepUpSchema = z.object({
  /** Mark of the person whom it is about. */
  owner: z.string().min(1),
  requirement: authenticationRequirementSchema,
  /** The action that waits for it (pending.ts), or null for a page. */
  pendingId: z.string().nullable(),
});

export type StepUp = z.infer<typeof stepUpSchema>;

export function sealStepUp(stepUp: StepUp): Promise<string> {
  return seal('step_up', stepUp, cookieLifetimes.pendingSec);
}

/** The stepUp, or null when it is not ours, too old or about somebody else. */
export async function openStepUp(text: string | null, owner: string): Promise<StepUp | null> {
  if (text === null) return null;
  const stepUp = stepUpSchema.safeParse(await unseal('step_up', text, cookieLifetimes.pendingSec)).data;
  return stepUp?.owner === owner ? stepUp : null;
}
