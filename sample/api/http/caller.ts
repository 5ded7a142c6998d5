/** Who calls, as the verified access token says. One user is an issuer and a subject together, never a subject alone. */

export type Caller = {
  issuer: string;
  subject: string;
  scopes: ReadonlySet<string>;
  /** When the access token expires, in seconds since 1970. */
  expiresAtSec: number;
  /** When the person signed in, in seconds since 1970; null when the token does not say so in a number. */
  authTimeSec: number | null;
  /** How the person signed in; null when the token does not say so in text. */
  acr: string | null;
};
