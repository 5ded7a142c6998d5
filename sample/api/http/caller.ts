/** Who calls, as the verified access token says. One user is an issuer and a subject together, never a subject alone. */

export type Caller = {
  issuer: string;
  subject: string;
  scopes: ReadonlySet<string>;
};
