/** One sign-in at the lying server, from its authorization request to its last token: everything in it must stay away from browsers. */
import { randomBytes } from 'node:crypto';
import { describeToken, type Secret } from '../support/leaks.ts';
import type { TokenFault } from './json-web-token.ts';
import type { Reply } from './replies.ts';

export type Person = { sub: string; name: string; email: string };

/** What goes wrong with a grant. All of it is decided when the grant begins, so that several may run at a time. */
export type Fault = {
  /** The query of the redirect back, made from the right one. */
  redirect?: (right: URLSearchParams) => URLSearchParams | string;
  push?: Reply;
  /** The answer to the code exchange. */
  token?: Reply;
  idToken?: TokenFault;
  userinfo?: Reply;
  /** The answer to a refresh. */
  refresh?: Reply;
  /** The ID token of a refresh; without it there is none. */
  refreshedIdToken?: TokenFault;
  revocation?: Reply;
  /** The query of the redirect back from signing out. */
  signedOut?: (right: URLSearchParams) => void;
};

export type Grant = {
  person: Person;
  fault: Fault;
  /** The authorization request, pushed or not. */
  request: URLSearchParams;
  code: string;
  isRedeemed: boolean;
  verifier: string | null;
  accessTokens: string[];
  refreshTokens: string[];
  idTokens: string[];
  /** Session at the server. */
  sid: string;
};

export function beginGrant(person: Person, fault: Fault, request: URLSearchParams): Grant {
  return {
    person,
    fault,
    request,
    code: newCanary('code'),
    isRedeemed: false,
    verifier: null,
    accessTokens: [],
    refreshTokens: [],
    idTokens: [],
    sid: newCanary('sid'),
  };
}

/** Random, and never part of anything else: found anywhere, it came from here. */
export function newCanary(kind: string): string {
  return `${kind}-${randomBytes(24).toString('base64url')}`;
}

/** What is in addresses by design, and in no line of the log. */
export function statesOf({ code, request }: Grant): Secret[] {
  const state = { name: 'state', value: request.get('state') ?? '' };
  return [{ name: 'code', value: code }, state].filter(({ value }) => value !== '');
}

/** What no answer of the application to a browser may hold, and no line of its log. */
export function secretsOf(grant: Grant): Secret[] {
  const { code, verifier, accessTokens, refreshTokens, idTokens, request } = grant;
  return [
    { name: 'code', value: code },
    ...(verifier === null ? [] : [{ name: 'code verifier', value: verifier }]),
    { name: 'nonce', value: request.get('nonce') ?? '' },
    ...accessTokens.map((value) => ({ name: 'access token', value })),
    ...refreshTokens.map((value) => ({ name: 'refresh token', value })),
    ...idTokens.flatMap((value) => describeToken('ID token', value)),
  ].filter(({ value }) => value !== '');
}
