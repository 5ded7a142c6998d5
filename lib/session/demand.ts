/**
 * A demand for a better sign-in on its way through the browser, sealed: from the page that met it to the route that starts the sign-in. So no
 * `max_age` and no `acr_values` ever come from a query that somebody else wrote.
 */
import 'server-only';
import { z } from 'zod';
import { cookieLifetimes } from './cookies';
import { seal, unseal } from './seal';
import { signInRequirementSchema } from './sign-in-requirement';

const demandSchema = z.object({
  /** Mark of the person whom it is about. */
  owner: z.string().min(1),
  requirement: signInRequirementSchema,
  /** The action that waits for it (pending.ts), or null for a page. */
  pendingId: z.string().nullable(),
});

export type Demand = z.infer<typeof demandSchema>;

export function sealDemand(demand: Demand): Promise<string> {
  return seal('demand', demand, cookieLifetimes.pendingSec);
}

/** The demand, or null when it is not ours, too old or about somebody else. */
export async function openDemand(text: string | null, owner: string): Promise<Demand | null> {
  if (text === null) return null;
  const demand = demandSchema.safeParse(await unseal('demand', text, cookieLifetimes.pendingSec)).data;
  return demand?.owner === owner ? demand : null;
}
