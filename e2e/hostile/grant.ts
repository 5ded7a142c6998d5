/**
 * One sign-in at the lying server, from its authorization request to its last token. Browsers must receive
 * none of its secrets.
 */
import { randomBytes } from 'node:crypto';
import { describeToken, type Secret } from '../support/leaks.ts';
import type { TokenFault } from './json-web-token.ts';
import type { Reply } from './replies.ts';

export type User = { sub: string; name: string; email: string; picture?: string };

/**
 * What goes wrong with a grant. It is decided when the grant begins, so that several grants may be under way
 * at once.
 */
export type Fault = {
  /** Makes the query of the redirect back from the right one. */
  redirect?: (right: URLSearchParams) => URLSearchParams | string;
  push?: Reply;
  /** The response to the code exchange. */
  token?: Reply;
  idToken?: TokenFault;
  userinfo?: Reply;
  /** The response to a refresh. */
  refresh?: Reply;
  /** The ID token of a refresh; when left out, the response has none. */
  refreshedIdToken?: TokenFault;
  revocation?: Reply;
  /** Where signing out passes before it comes back: an identity provider behind the server. */
  logoutThrough?: string;
  /** Changes the query of the redirect back from signing out. */
  signedOut?: (right: URLSearchParams) => void;
};

export type Grant = {
  user: User;
  fault: Fault;
  /** Parameters of the authorization request, pushed or not. */
  request: URLSearchParams;
  code: string;
  isRedeemed: boolean;
  verifier: string | null;
  accessTokens: string[];
  refreshTokens: string[];
  idTokens: string[];
  /** Thumbprint of the key to which the tokens are bound; null: bearer tokens. */
  jkt: string | null;
  /** Id of the session at the authorization server. */
  sid: string;
};

export function beginGrant(user: User, fault: Fault, request: URLSearchParams): Grant {
  return {
    user,
    fault,
    request,
    code: newCanary('code'),
    isRedeemed: false,
    verifier: null,
    accessTokens: [],
    refreshTokens: [],
    idTokens: [],
    jkt: null,
    sid: newCanary('sid'),
  };
}

/** A random text that occurs nowhere by chance: wherever it is found, it came from here. */
export function newCanary(kind: string): string {
  return `${kind}-${randomBytes(24).toString('base64url')}`;
}

/** What addresses contain by design, and the log must not. */
export function statesOf({ code, request }: Grant): Secret[] {
  const state = { name: 'state', value: request.get('state') ?? '' };
  return [{ name: 'code', value: code }, state].filter(({ value }) => value !== '');
}

/** What neither the responses of the application nor its log may contain. */
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
