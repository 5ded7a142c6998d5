/**
 * Every way in which signing in can fail, in words for users: what happened, what was kept, what to do. Pure.
 */
import type { ErrorCode } from 'strongroom';
import { productName } from '@/lib/places';

export type ProblemWords = {
  title: string;
  happened: string;
  kept: string;
  todo: string;
  /** What the first link says. */
  action: 'Sign in again' | 'Try again';
};

const nothingChanged = 'Nothing was shared and nothing was changed.';
const pageKept = 'The page you wanted is kept.';

const ourMistake: ProblemWords = {
  title: `${productName} is not set up for signing in`,
  happened: 'Something is not configured on our side. It is not about you or your account.',
  kept: nothingChanged,
  todo: `Tell whoever runs ${productName}, with the reference below.`,
  action: 'Try again',
};

const needsInteraction: ProblemWords = {
  title: 'The sign-in service needs an answer from you',
  happened: 'It could not finish without asking you something first.',
  kept: nothingChanged,
  todo: 'Sign in again and answer there.',
  action: 'Sign in again',
};

const notCompleted: ProblemWords = {
  title: 'This sign-in can’t be finished',
  happened: 'It expired, was already used, or was started in another browser or tab.',
  kept: pageKept,
  todo: 'Sign in again. If this page comes back, allow cookies for this site.',
  action: 'Sign in again',
};

const notAnswering: ProblemWords = {
  title: 'The sign-in service is not answering',
  happened: `${productName} asked and got no usable answer.`,
  kept: pageKept,
  todo: 'Try again in a minute.',
  action: 'Try again',
};

const words: Record<ErrorCode, ProblemWords> = {
  access_denied: {
    title: 'Access was not granted — nothing was shared',
    happened: 'Either you declined, or the sign-in service did not let this account in.',
    kept: 'What you granted before stays as it was.',
    todo: 'If you declined by mistake, try again. If the service refused this account, do what it asked, or use another one.',
    action: 'Try again',
  },
  login_required: needsInteraction,
  interaction_required: needsInteraction,
  unmet_authentication_requirements: {
    title: 'A stronger sign-in is needed',
    happened: 'The sign-in service could not confirm who you are as firmly as this asks for.',
    kept: nothingChanged,
    todo: 'Sign in again with your password, or in a stronger way such as with a second step.',
    action: 'Sign in again',
  },
  another_account: {
    title: 'Another account answered',
    happened: 'The sign-in service answered for another account than the one you use here.',
    kept: 'That answer was not used, and nothing was changed.',
    todo: 'Try again and choose the same account there, or go on with the other one.',
    action: 'Try again',
  },
  role_required: {
    title: 'Your account can’t open this',
    happened: 'It is for users with another role.',
    kept: nothingChanged,
    todo: 'Ask whoever manages your account, or sign in with another one.',
    action: 'Sign in again',
  },
  invalid_grant: notCompleted,
  transaction_expired: notCompleted,
  transaction_consumed: notCompleted,
  invalid_response: {
    title: 'The sign-in service’s answer could not be verified',
    happened: 'So it was not used, and nobody was signed in by it.',
    kept: nothingChanged,
    todo: `Try again. If it happens again, contact whoever runs ${productName}, with the reference below.`,
    action: 'Try again',
  },
  temporarily_unavailable: notAnswering,
  server_error: notAnswering,
  configuration_invalid: ourMistake,
  invalid_client: ourMistake,
  invalid_scope: ourMistake,
  invalid_target: ourMistake,
  cross_site_request: {
    title: 'This request came from another site',
    happened: 'For your safety it was not carried out.',
    kept: nothingChanged,
    todo: `If you wanted this, do it from a page of ${productName}.`,
    action: 'Sign in again',
  },
  rate_limited: {
    title: 'Too many attempts',
    happened: `Your connection asked for more in one minute than ${productName} allows.`,
    kept: pageKept,
    todo: 'Try again in a minute.',
    action: 'Try again',
  },
  store_unavailable: {
    title: 'Sessions cannot be checked right now',
    happened: `${productName}’s own memory of sessions is not answering.`,
    kept: 'Nobody was signed out, and nothing was lost.',
    todo: 'Try again in a minute.',
    action: 'Try again',
  },
  internal_error: {
    title: 'Signing in did not work',
    happened: 'Something went wrong on our side.',
    kept: nothingChanged,
    todo: 'Try again in a minute.',
    action: 'Try again',
  },
};

/** The service has ended the session of the account before, as some do when another one signs in there. */
export const anotherAccountAlone: ProblemWords = {
  title: 'Another account answered',
  happened: 'The sign-in service answered for another account than the one you used here.',
  kept: 'That answer was not used, and your session here has ended.',
  todo: 'Sign in with the account that you want to use.',
  action: 'Sign in again',
};

/** @param isPageKept whether it is known which page the user wanted */
export function describeProblem(code: ErrorCode, isPageKept: boolean): ProblemWords {
  const problem = words[code];
  return problem.kept === pageKept && !isPageKept ? { ...problem, kept: nothingChanged } : problem;
}
