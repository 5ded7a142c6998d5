/** What the form for a new message says after it was sent. */
import 'server-only';
import {
  type CallResult,
  describePermission,
  type Rejection,
  type SessionView,
  startSignInPath,
} from 'strongroom';
import { sayPause, sayUnavailable } from '@/app/_components/api-outcome';
import { nameOf } from '@/app/_components/user-name';
import { maxMessageChars } from '@/lib/api/messages';
import { places } from '@/lib/places';
import type { PostOutcome } from './post-state';

type NotPosted = Exclude<CallResult<unknown>, { kind: 'ok' | 'insufficient_user_authentication' }>;

export function findTextProblem(text: string): string | null {
  const chars = text.trim().length;
  if (chars === 0) return 'Write something first.';
  if (chars <= maxMessageChars) return null;
  const [limit, now] = [maxMessageChars, chars].map((count) => count.toLocaleString('en'));
  return `A message has at most ${limit} characters; this one has ${now}.`;
}

export function sayNotPosted(result: NotPosted): PostOutcome {
  switch (result.kind) {
    case 'insufficient_scope':
      return sayPermissionNeeded(result.scope);
    case 'access_denied':
    case 'not_found':
      return { tone: 'bad', words: 'You don’t have access to this. Nothing was posted; your text is kept.' };
    case 'invalid':
      return { tone: 'bad', words: `Nothing was posted. ${sayProblems(result.problems)}`, isAboutText: true };
    case 'rate_limited':
      return { tone: 'bad', words: `Nothing was posted. ${sayPause(result.retryAfterSec)}` };
    case 'unavailable':
      // The API may have posted it before it fell silent; the key makes trying again safe.
      return {
        tone: 'bad',
        words: `${sayUnavailable(result, 'Messages').title} Your text is kept. Try again: it is never posted twice.`,
      };
  }
}

function sayProblems(problems: readonly { message: string }[]): string {
  const words = problems.map(({ message }) => `The message ${message}.`).join(' ');
  return words || 'The message was not accepted as it is.';
}

function sayPermissionNeeded(permission: string): PostOutcome {
  const { title } = describePermission(permission);
  const href = startSignInPath({ returnTo: places.messages, permission });
  return {
    tone: 'note',
    words: `This needs the extra permission ‘${title}’. Your text is kept.`,
    grant: { label: `Grant ‘${title}’`, href },
  };
}

export function sayDifferentUser(user: SessionView['user']): PostOutcome {
  const words = `You are now signed in as ${nameOf(user)}. Check the message before you post it.`;
  return { tone: 'note', words };
}

/** For a request that was rejected before anything was done. */
export function sayRejected(rejection: Rejection, done: 'posted' | 'deleted'): string {
  const kept = done === 'posted' ? ', and your text is kept' : '';
  switch (rejection.kind) {
    case 'cross_site_request':
      return `This request did not come from this page. Nothing was ${done}.`;
    case 'too_large':
      return `Nothing was ${done}. What was sent is too large.`;
    case 'role_required':
      return `Your account can’t do this. Nothing was ${done}${kept}.`;
    case 'rate_limited':
      return `Nothing was ${done}${kept}. ${sayPause(rejection.retryAfterSec)}`;
    case 'indeterminate':
      return `Sessions cannot be checked right now. Nothing was ${done}${kept}. Try again in a minute.`;
  }
}
