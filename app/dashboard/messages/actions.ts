'use server';
/** Posts a message. It asks by itself who is signed in, and whatever happens, the text stays. @see requirements CS-01, RC-02 to RC-04 */
import { randomUUID } from 'node:crypto';
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { sayPause } from '@/app/_components/api-outcome';
import { nameOf } from '@/app/_components/person';
import { type Message, maxMessageChars, nameMessage, postMessage } from '@/lib/api/messages';
import { describePermission } from '@/lib/api/permissions';
import { signInPath, startPath } from '@/lib/auth/sign-in-path';
import { markOf } from '@/lib/auth/who';
import { removeDraft, writeDraft } from '@/lib/session/draft';
import { lookUpSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { callForPerson, type PersonAnswer } from '../call-for-person';
import { isOwnForm } from '../own-form';
import { waitForSignIn } from '../wait-for-sign-in';
import type { PostOutcome, PostState } from './post-state';
import { keepUnsentText, readWritten, type Written } from './unsent-text';

const here = '/dashboard/messages';

type Posting = PersonAnswer<Message>;

export async function postMessageAction(_previous: PostState, form: FormData): Promise<PostState> {
  const written = readWritten(form);
  if (!(await isOwnForm())) return answer(written, refused);
  const jar = await requestCookies();
  const found = await lookUpSession(jar);
  if (found.kind === 'unchecked') return answer(written, unchecked);
  if (found.kind !== 'session') return askToSignIn(jar, written);
  const { session } = found;
  const writer = markOf(session.user);
  if (written.writer !== writer) {
    revalidatePath(here);
    return answer({ ...written, writer }, differentPerson(session));
  }
  const problem = findTextProblem(written.text);
  if (problem !== null) return answer(written, { tone: 'bad', words: problem, isAboutText: true });
  const message = { text: written.text.trim(), idempotencyKey: nameMessage(written) };
  return conclude(jar, written, await callForPerson(jar, session, (fresh) => postMessage(fresh, message)));
}

function findTextProblem(text: string): string | null {
  const chars = text.trim().length;
  if (chars === 0) return 'Write something first.';
  if (chars <= maxMessageChars) return null;
  const [limit, now] = [maxMessageChars, chars].map((count) => count.toLocaleString('en'));
  return `A message has at most ${limit} characters; this one has ${now}.`;
}

async function conclude(jar: CookieJar, written: Written, posting: Posting): Promise<PostState> {
  switch (posting.kind) {
    case 'ok':
      await removeDraft(jar);
      revalidatePath(here);
      return answer(
        { ...written, text: '', key: randomUUID() },
        { tone: 'good', words: 'Your message is posted.' },
      );
    case 'ended':
      return askToSignIn(jar, written);
    case 'stronger_sign_in_needed':
      await writeDraft(jar, written);
      return waitForSignIn(jar, written.writer, {
        action: { name: 'post_message', message: nameMessage(written) },
        requirement: posting.requirement,
      });
    case 'permission_needed':
      await writeDraft(jar, written);
      return answer(written, permissionNeeded(posting.permission));
    default:
      // Whatever the page does next, the text is there again.
      await writeDraft(jar, written);
      return answer(written, explain(posting));
  }
}

function explain(
  posting: Exclude<Posting, { kind: 'ok' | 'ended' | 'stronger_sign_in_needed' | 'permission_needed' }>,
): PostOutcome {
  switch (posting.kind) {
    case 'denied':
    case 'not_found':
      return { tone: 'bad', words: 'You don’t have access to this. Nothing was posted; your text is kept.' };
    case 'invalid':
      return {
        tone: 'bad',
        words: `Nothing was posted. ${sayProblems(posting.problems)}`,
        isAboutText: true,
      };
    case 'slow_down':
      return { tone: 'bad', words: `Nothing was posted. ${sayPause(posting.retryAfterSec)}` };
    case 'unavailable':
      // The API may have posted it before it fell silent; the key makes trying again safe.
      return {
        tone: 'bad',
        words: 'Messages is not answering. Your text is kept. Try again: it is never posted twice.',
      };
  }
}

function sayProblems(problems: readonly { message: string }[]): string {
  const words = problems.map(({ message }) => `The message ${message}.`).join(' ');
  return words || 'The message was not accepted as it is.';
}

/** Never returns: the text waits in the browser for its writer, and signing in comes back to it. */
async function askToSignIn(jar: CookieJar, written: Written): Promise<never> {
  await keepUnsentText(jar, written);
  return redirect(signInPath({ returnTo: here, reason: 'ended' }));
}

const unchecked: PostOutcome = {
  tone: 'bad',
  words:
    'Sessions cannot be checked right now. Nothing was posted, and your text is kept. Try again in a minute.',
};

const refused: PostOutcome = {
  tone: 'bad',
  words: 'This request did not come from this page. Nothing was posted.',
};

function differentPerson({ user }: Session): PostOutcome {
  return {
    tone: 'note',
    words: `You are now signed in as ${nameOf(user)}. Check the message before you post it.`,
  };
}

function permissionNeeded(permission: string): PostOutcome {
  const { title } = describePermission(permission);
  const href = startPath({ returnTo: here, permission });
  return {
    tone: 'note',
    words: `This needs the extra permission ‘${title}’. Your text is kept.`,
    grant: { label: `Grant ‘${title}’`, href },
  };
}

function answer(written: Written, outcome: PostOutcome): PostState {
  return { ...written, outcome };
}
