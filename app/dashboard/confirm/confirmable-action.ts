/** The actions of this site that may have to wait for a fresher sign-in, with what each needs. Pure. */
import { z } from 'zod';
import type { PendingActionContent } from '@/lib/strongroom/session/pending-action';

const confirmableActionSchema = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('delete_message'),
    input: z.object({ messageId: z.string().min(1).max(64) }),
  }),
  z.object({ name: z.literal('export_contacts'), input: z.object({}) }),
  /** The text is the draft, and this very one: `message` names it. */
  z.object({ name: z.literal('post_message'), input: z.object({ message: z.string().max(64) }) }),
]);

export type ConfirmableAction = z.infer<typeof confirmableActionSchema>;

/** The action, or null when it is none of this site. */
export function readConfirmableAction(action: PendingActionContent): ConfirmableAction | null {
  return confirmableActionSchema.safeParse(action).data ?? null;
}
