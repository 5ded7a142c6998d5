/**
 * How each pending action of the declaration is carried out, after the user has signed in again or by the
 * button.
 */
import 'server-only';
import { type CallResult, drafts, type PendingActionRunner } from 'strongroom';
import { deleteMessage, nameMessage, postMessage } from '@/lib/api/messages';
import type { PendingActionName } from '@/lib/declaration';

export const pendingActionRunners: Record<PendingActionName, PendingActionRunner> = {
  delete_message: ({ messageId = '' }) => deleteMessage(messageId),
  // The confirm page hands out the file: a download leaves the page that led to it on the screen.
  export_contacts: async () => ({ kind: 'ok', value: null }),
  post_message: ({ message = '' }) => postDraft(message),
};

/** @param name of the message that the user confirmed */
async function postDraft(name: string): Promise<CallResult<unknown>> {
  const draft = await drafts.read();
  // The user has not confirmed a text that took its place meanwhile.
  if (draft === null || nameMessage(draft) !== name) return { kind: 'not_found' };
  const result = await postMessage({ text: draft.text.trim(), idempotencyKey: name });
  if (result.kind === 'ok') await drafts.remove();
  return result;
}
