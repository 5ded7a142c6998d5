/** What a person may see at the end of a case: each outcome once, with its status and its words. */

export type Outcome = {
  status: number;
  /** The code in the address of the problem page, or those that may stand there; null where there is no problem. */
  code: string | readonly string[] | null;
  /** Path of the page; null: the page that was wanted. */
  path: string | null;
  /** What happened, and what to do next. */
  words: readonly RegExp[];
};

const problem = '/sign-in/problem';

export const outcomes = {
  /** Signed in, as the right person, on the page that was wanted. */
  'U-OK': { status: 200, code: null, path: null, words: [/Sign out/] },
  'U-CANCEL': {
    status: 403,
    code: 'access_denied',
    path: problem,
    words: [/You did not grant access — nothing was shared/, /Try again/, /Home/],
  },
  'U-RESTART': {
    status: 400,
    code: ['transaction_expired', 'transaction_consumed', 'invalid_grant'],
    path: problem,
    words: [
      /This sign-in can’t be finished/,
      /already used, or was started in another browser/,
      /Sign in again/,
    ],
  },
  'U-REJECT': {
    status: 502,
    code: 'invalid_response',
    path: problem,
    words: [
      /answer could not be verified/,
      /nobody was signed in by it/,
      /Try again/,
      /contact whoever runs/,
    ],
  },
  'U-ASDOWN': {
    status: 503,
    code: ['temporarily_unavailable', 'server_error'],
    path: problem,
    // "in a minute", or so many seconds when the server said so.
    words: [/The sign-in service is not answering/, /Try again in \S+ \S+/],
  },
  'U-CONFIG': {
    status: 500,
    code: ['configuration_invalid', 'invalid_client', 'invalid_scope', 'invalid_target'],
    path: problem,
    words: [/not set up for signing in/, /Tell whoever runs Strongroom/],
  },
  'U-INTERACT': {
    status: 403,
    code: ['interaction_required', 'login_required', 'consent_required'],
    path: problem,
    words: [/needs an answer from you/, /Sign in again and answer there/],
  },
  'U-STRONGER': {
    status: 403,
    code: 'unmet_authentication_requirements',
    path: problem,
    words: [/A stronger sign-in is needed/, /Sign in again/],
  },
  /** Asked to sign in again, for a session that is over. */
  'U-AGAIN': {
    status: 200,
    code: null,
    path: '/sign-in',
    words: [/Your session has ended/, /Sign in to continue/],
  },
  'U-OUT': { status: 200, code: null, path: '/signed-out', words: [/You are signed out/, /Sign in again/] },
} as const satisfies Record<string, Outcome>;

export type OutcomeName = keyof typeof outcomes;
