'use server';
/** Posts a message. It asks by itself who is signed in, and whatever happens, the text stays. @see requirements CS-01, RC-02 to RC-04 */
import { randomUUID } from 'node:crypto';
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { sayPause } from '@/app/_components/api-outcome';
import { nameOf } from '@/app/_components/user-name';
import { type Message, maxMessageChars, nameMessage, postMessage } from '@/lib/api/messages';
import { describePermission } from '@/lib/api/permissions';
import { removeDraft, writeDraft } from '@/lib/strongroom/session/draft';
import { loadSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import type { CookieJar } from '@/lib/strongroom/session/seal';
import type { Session } from '@/lib/strongroom/session/session';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { signInPath, startSignInPath } from '@/lib/strongroom/sign-in/paths';
import { callAsUser, type UserApiResult } from '../../../lib/strongroom/bff/call-as-user';
import { isSameOriginForm } from '../../../lib/strongroom/bff/same-origin-form';
import { waitForStepUp } from '../confirm/wait-for-step-up';
import type { PostOutcome, PostState } from './post-state';
import { keepUnsentText, readWritten, type Written } from './unsent-text';

const here = '/dashboard/messages';

type Posting = UserApiResult<Message>;

export async function postMessageAction(_previous: PostState, form: FormData): Promise<PostState> {
  const written = readWritten(form);
  if (!(await isSameOriginForm())) return answer(written, rejected);
  const jar = await requestCookies();
  const found = await loadSession(jar);
  if (found.kind === 'unchecked') return answer(written, unchecked);
  if (found.kind !== 'session') return askToSignIn(jar, written);
  const { session } = found;
  const writer = pseudonymOf(session.user);
  if (written.writer !== writer) {
    revalidatePath(here);
    return answer({ ...written, writer }, differentPerson(session));
  }
  const problem = findTextProblem(written.text);
  if (problem !== null) return answer(written, { tone: 'bad', words: problem, isAboutText: true });
  const message = { text: written.text.trim(), idempotencyKey: nameMessage(written) };
  return conclude(jar, written, await callAsUser(jar, session, (fresh) => postMessage(fresh, message)));
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
    case 'login_required':
      return askToSignIn(jar, written);
    case 'insufficient_user_authentication':
      await writeDraft(jar, written);
      return waitForStepUp(jar, written.writer, {
        action: { name: 'post_message', message: nameMessage(written) },
        requirement: posting.requirement,
      });
    case 'insufficient_scope':
      await writeDraft(jar, written);
      return answer(written, permissionNeeded(posting.scope));
    default:
      // Whatever the page does next, the text is there again.
      await writeDraft(jar, written);
      return answer(written, explain(posting));
  }
}

function explain(
  posting: Exclude<
    Posting,
    { kind: 'ok' | 'login_required' | 'insufficient_user_authentication' | 'insufficient_scope' }
  >,
): PostOutcome {
  switch (posting.kind) {
    case 'access_denied':
    case 'not_found':
      return { tone: 'bad', words: 'You don’t have access to this. Nothing was posted; your text is kept.' };
    case 'invalid':
      return {
        tone: 'bad',
        words: `Nothing was posted. ${sayProblems(posting.problems)}`,
        isAboutText: true,
      };
    case 'rate_limited':
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

const rejected: PostOutcome = {
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
  const href = startSignInPath({ returnTo: here, permission });
  return {
    tone: 'note',
    words: `This needs the extra permission ‘${title}’. Your text is kept.`,
    grant: { label: `Grant ‘${title}’`, href },
  };
}

function answer(written: Written, outcome: PostOutcome): PostState {
  return { ...written, outcome };
}
