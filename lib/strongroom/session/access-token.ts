/**
 * The access tokens of a session: that of the first API comes with the sign-in, and those of others by
 * refresh. Pure.
 */
import type { Session, TokenSet } from './session';

export type AccessToken = {
  /** null: the authorization server gave none, and is not asked for it before `expiresAtSec`. */
  accessToken: string | null;
  /** Seconds since the epoch. */
  expiresAtSec: number;
  obtainedAtSec: number;
};

/** @param name of the token (config/apis.ts): null for the first. @returns null when it was never got */
export function findAccessToken(tokens: TokenSet, name: string | null): AccessToken | null {
  if (name === null) return tokens;
  return Object.hasOwn(tokens.apiTokens, name) ? (tokens.apiTokens[name] ?? null) : null;
}

/** With that token in place of the one before, and every other as it was. */
export function withAccessToken(tokens: TokenSet, name: string | null, token: AccessToken): TokenSet {
  const { accessToken, expiresAtSec, obtainedAtSec } = token;
  if (name !== null)
    return {
      ...tokens,
      apiTokens: { ...tokens.apiTokens, [name]: { accessToken, expiresAtSec, obtainedAtSec } },
    };
  return accessToken === null ? tokens : { ...tokens, accessToken, expiresAtSec, obtainedAtSec };
}

/** When the token was last replaced because its API had rejected it. */
export function findReplacement(session: Session, name: string | null): number | null {
  return name === null ? session.tokenReplacedAtSec : (session.apiTokensReplacedAtSec[name] ?? null);
}

export function withReplacement(session: Session, name: string | null, atSec: number): Session {
  if (name === null) return { ...session, tokenReplacedAtSec: atSec };
  return { ...session, apiTokensReplacedAtSec: { ...session.apiTokensReplacedAtSec, [name]: atSec } };
}
