'use server';
/** Posts and deletes messages. Whatever happens, what was typed is kept. */
import { randomUUID } from 'node:crypto';
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { type ActionForm, type CallResult, drafts, pendingActions, userAction } from 'strongroom';
import { deleteMessage, type Message, nameMessage, postMessage } from '@/lib/api/messages';
import { places } from '@/lib/places';
import { findTextProblem, sayDifferentUser, sayNotPosted, sayRejected } from './post-outcome';
import type { DeleteState, PostOutcome, PostState, Written } from './post-state';

/** As much as the server lets in: a text that is too long comes back with the words that say so. */
const maxBytes = 256_000;

export const postMessageAction = userAction<PostState>(
  {
    returnTo: places.messages,
    maxBytes,
    keep: (form) => keepText(readWritten(form)),
    rejected: (rejection, form) =>
      respond(readWritten(form), { tone: 'bad', words: sayRejected(rejection, 'posted') }),
  },
  async ({ session, ...form }) => {
    const written = readWritten(form);
    if (written.writer !== session.pseudonym) {
      revalidatePath(places.messages);
      return respond({ ...written, writer: session.pseudonym }, sayDifferentUser(session.user));
    }
    const problem = findTextProblem(written.text);
    if (problem !== null) return respond(written, { tone: 'bad', words: problem, isAboutText: true });
    const message = { text: written.text.trim(), idempotencyKey: nameMessage(written) };
    return conclude(written, await postMessage(message));
  },
);

async function conclude(written: Written, result: CallResult<Message>): Promise<PostState> {
  if (result.kind === 'ok') {
    await drafts.remove();
    revalidatePath(places.messages);
    const next = { ...written, text: '', key: randomUUID() };
    return respond(next, { tone: 'good', words: 'Your message is posted.' });
  }
  // Whatever the page does next, the text is there again.
  await keepText(written);
  if (result.kind !== 'insufficient_user_authentication') return respond(written, sayNotPosted(result));
  await pendingActions.keep({ name: 'post_message', input: { message: nameMessage(written) } }, result);
  return redirect(places.confirm);
}

/** The response is what the user is told on the same page. */
export const deleteMessageAction = userAction<DeleteState>(
  {
    returnTo: places.messages,
    maxBytes,
    keep: (form) => keepText(readWritten(form)),
    rejected: (rejection) => ({ words: sayRejected(rejection, 'deleted') }),
  },
  async (form) => {
    const messageId = form.field('id');
    if (!/^[\w-]{1,64}$/.test(messageId))
      return { words: sayRejected({ kind: 'cross_site_request' }, 'deleted') };
    const result = await deleteMessage(messageId);
    if (result.kind === 'ok' || result.kind === 'not_found') {
      // A message that was deleted elsewhere is gone too.
      revalidatePath(places.messages);
      return { words: 'The message is deleted.' };
    }
    // The user leaves the page: what they are writing on it is kept first.
    await keepText(readWritten(form));
    await pendingActions.keep({ name: 'delete_message', input: { messageId } }, result);
    return redirect(places.confirm);
  },
);

function readWritten({ field }: ActionForm): Written {
  const [key, writer] = [field('key'), field('writer')];
  return {
    text: field('text').replace(/\r\n?/g, '\n'),
    key: /^[0-9a-f-]{36}$/.test(key) ? key : randomUUID(),
    writer: /^[\w-]{16}$/.test(writer) ? writer : '',
  };
}

/** In its writer's own browser, for an hour. */
function keepText({ text, key, writer }: Written): Promise<void> {
  return drafts.write({ owner: writer, key, text });
}

function respond(written: Written, outcome: PostOutcome): PostState {
  return { ...written, outcome };
}
