/**
 * What a user typed and could not send: kept sealed in their own browser for an hour, and shown again only to
 * them.
 */
import 'server-only';
import { findAppError } from '../base/errors';
import { logFailure } from '../base/log';
import { type Draft, hasDraft, readDraft, removeDraft, writeDraft } from '../session/draft';
import { pseudonymOf } from '../session/user-pseudonym';
import { currentJar } from './caller';
import { findSession } from './page-session';

/**
 * The draft of this browser, one at a time.
 * @example
 * // in an action: `pseudonym` is a hidden field that the page filled with `session.pseudonym`
 * await drafts.write({ owner: field('pseudonym'), key: field('key'), text: field('text') });
 * // in the page
 * const draft = await drafts.read();
 */
export const drafts = {
  /** What the user of this session left unsent, or null. */
  async read(): Promise<Draft | null> {
    const session = await findSession();
    return session === null ? null : readDraft(await currentJar(), pseudonymOf(session.user));
  },
  /**
   * `owner` is the pseudonym of the user who typed it: an empty text, and one without an owner, is not kept.
   */
  async write(draft: Draft): Promise<void> {
    if (draft.owner === '' || draft.text.trim() === '') return;
    await writeDraft(await currentJar(), draft).catch(leaveUnkept);
  },
  async remove(): Promise<void> {
    removeDraft(await currentJar());
  },
  /** Whether this browser holds a draft of any user: for the page that asks to sign in. */
  async exists(): Promise<boolean> {
    return hasDraft(await currentJar());
  },
};

/** A long text needs the store. While that is away the form still has the text, and its action goes on. */
function leaveUnkept(error: unknown): void {
  if (findAppError(error)?.code !== 'store_unavailable') throw error;
  logFailure('draft_not_kept', error);
}
