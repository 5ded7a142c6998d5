/**
 * What a user may see at the end of a case. Each outcome has one name, one page and one sentence. A problem
 * is named by its exact error code, although several codes share a page.
 */

export type Outcome = {
  /** How the title of a case ends: what becomes of the attack. */
  predicate: string;
  status: number;
  /** Path of the page; null where it is the page that the user wanted. */
  path: string | null;
  /** What the page says: what happened, and what to do next. */
  words: readonly RegExp[];
};

const problemPath = '/sign-in/problem';

const startAgain = {
  predicate: 'is rejected, and the page offers to sign in again',
  status: 400,
  path: problemPath,
  words: [
    /This sign-in can’t be finished/,
    /already used, or was started in another browser/,
    /Sign in again/,
  ],
};

const serverUnavailable = {
  predicate: 'is reported as an outage, and the page says when to try again',
  status: 503,
  path: problemPath,
  // It says "in a minute", or a number of seconds where the server named one.
  words: [/The sign-in service is not answering/, /Try again in \S+ \S+/],
};

const misconfigured = {
  predicate: 'is reported as a mistake in the configuration',
  status: 500,
  path: problemPath,
  words: [/not set up for signing in/, /Tell whoever runs Strongroom/],
};

const interactionNeeded = {
  predicate: 'leads to a page that sends the user back to the server',
  status: 403,
  path: problemPath,
  words: [/needs an answer from you/, /Sign in again and answer there/],
};

export const outcomes = {
  /** The right user is signed in, on the page that was wanted. */
  signed_in: {
    predicate: 'is accepted, and the user is signed in',
    status: 200,
    path: null,
    words: [/Sign out/],
  },
  signed_out: {
    predicate: 'signs the user out',
    status: 200,
    path: '/signed-out',
    words: [/You are signed out/, /Sign in again/],
  },
  /** The session may not be used any more. */
  session_rejected: {
    predicate: 'ends the session, and the page asks to sign in again',
    status: 200,
    path: '/sign-in',
    words: [/Your session has ended/, /Sign in to continue/],
  },
  access_denied: {
    predicate: 'leads to a page that says that nothing was shared',
    status: 403,
    path: problemPath,
    words: [
      /Access was not granted — nothing was shared/,
      /you declined, or the sign-in service did not let this account in/,
      /Try again/,
      /Use another account/,
      /Home/,
    ],
  },
  transaction_expired: startAgain,
  transaction_consumed: startAgain,
  invalid_grant: startAgain,
  invalid_response: {
    predicate: 'is rejected as unverified',
    status: 502,
    path: problemPath,
    words: [
      /answer could not be verified/,
      /nobody was signed in by it/,
      /Try again/,
      /contact whoever runs/,
    ],
  },
  temporarily_unavailable: serverUnavailable,
  server_error: serverUnavailable,
  configuration_invalid: misconfigured,
  invalid_client: misconfigured,
  invalid_scope: misconfigured,
  invalid_target: misconfigured,
  interaction_required: interactionNeeded,
  login_required: interactionNeeded,
  another_account: {
    predicate: 'leads to a page that names both accounts and asks',
    status: 403,
    path: problemPath,
    words: [/Another account answered/, /You are still signed in as/, /Sign in as/],
  },
  unmet_authentication_requirements: {
    predicate: 'leads to a page that asks for a stronger sign-in',
    status: 403,
    path: problemPath,
    words: [/A stronger sign-in is needed/, /Sign in again/],
  },
} as const satisfies Record<string, Outcome>;

export type OutcomeName = keyof typeof outcomes;

/** @returns the error code in the address of the problem page, or null where the case ends on another page */
export function codeOf(name: OutcomeName): string | null {
  return outcomes[name].path === problemPath ? name : null;
}
