/**
 * Carries on an action that waited for its person to sign in again: right after the callback, or by the button on the confirm page. What came of
 * it takes its place in the browser. @see RFC 9470 §5
 */
import 'server-only';
import { deleteMessage, nameMessage, postMessage } from '@/lib/api/messages';
import { BoundedMap } from '@/lib/strongroom/base/bounded-map';
import { logEvent } from '@/lib/strongroom/base/log';
import { processSingleton } from '@/lib/strongroom/base/process-singleton';
import { readDraft, removeDraft } from '@/lib/strongroom/session/draft';
import {
  type PendingAction,
  readPendingAction,
  updatePendingAction,
} from '@/lib/strongroom/session/pending-action';
import type { CookieJar } from '@/lib/strongroom/session/seal';
import type { Session } from '@/lib/strongroom/session/session';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { SingleFlight } from '@/lib/strongroom/store/single-flight';
import { callAsUser, type UserApiResult } from '../../../lib/strongroom/bff/call-as-user';

/**
 * Does nothing when no action of this very id and person waits.
 * @param pendingId the action that the sign-in was for
 */
export async function runPendingAction(jar: CookieJar, session: Session, pendingId: string): Promise<void> {
  const pending = await readPendingAction(jar, pseudonymOf(session.user));
  if (pending === null || pending.id !== pendingId) return;
  if (pending.state !== 'waiting' && pending.state !== 'unavailable') return;
  const answer = await runOnce(jar, session, pending);
  // The session ended once more: the action waits on.
  if (answer.kind === 'login_required') return;
  const state = stateAfter(answer);
  await updatePendingAction(jar, { ...pending, state });
  logEvent('pending_action', { action: pending.action.name, state });
}

/** The same callback delivered twice, at a time or one right after the other, is one deed with one outcome. */
async function runOnce(
  jar: CookieJar,
  session: Session,
  pending: PendingAction,
): Promise<UserApiResult<unknown>> {
  const { flights, outcomes } = runs();
  const earlier = outcomes.get(pending.id);
  if (earlier !== null) return earlier;
  return flights.share(pending.id, async () => {
    const answer = await perform(jar, session, pending);
    // What may be tried again is not over.
    const isOver = answer.kind !== 'login_required' && stateAfter(answer) !== 'unavailable';
    if (isOver) outcomes.set(pending.id, answer, rememberedMs);
    return answer;
  });
}

const rememberedMs = 60_000;

function runs() {
  return processSingleton('pending-runs', () => ({
    flights: new SingleFlight<UserApiResult<unknown>>(),
    outcomes: new BoundedMap<UserApiResult<unknown>>(1_000),
  }));
}

async function perform(
  jar: CookieJar,
  session: Session,
  { action, owner }: PendingAction,
): Promise<UserApiResult<unknown>> {
  switch (action.name) {
    case 'delete_message':
      return callAsUser(jar, session, (fresh) => deleteMessage(fresh, action.messageId));
    case 'export_contacts':
      // The confirm page hands out the file: a download leaves the page that led to it on the screen.
      return { kind: 'ok', value: null };
    case 'post_message':
      return postDraft(jar, session, { owner, message: action.message });
  }
}

async function postDraft(
  jar: CookieJar,
  session: Session,
  { owner, message: name }: { owner: string; message: string },
): Promise<UserApiResult<unknown>> {
  const draft = await readDraft(jar, owner);
  // Another text took its place meanwhile: nobody has confirmed that one.
  if (draft === null || nameMessage(draft) !== name) return { kind: 'not_found' };
  const message = { text: draft.text.trim(), idempotencyKey: name };
  const answer = await callAsUser(jar, session, (fresh) => postMessage(fresh, message));
  if (answer.kind === 'ok') await removeDraft(jar);
  return answer;
}

/** What came of it, for the confirm page. The API that asks again after a sign-in as it wished is not asked a third time. */
export function stateAfter({ kind }: UserApiResult<unknown>): PendingAction['state'] {
  switch (kind) {
    case 'ok':
      return 'done';
    case 'not_found':
      return 'gone';
    case 'rate_limited':
    case 'unavailable':
      return 'unavailable';
    default:
      return 'denied';
  }
}
