/**
 * The access tokens of a session: that of the first API comes with the sign-in, and those of others by
 * refresh. Pure.
 */
import type { Api } from '../config/apis';
import type { Session, TokenSet } from './session';

export type AccessToken = {
  /** null: the authorization server gave none, and is not asked for it before `expiresAtSec`. */
  accessToken: string | null;
  /** Seconds since the epoch. */
  expiresAtSec: number;
  obtainedAtSec: number;
  /** What it is for (config/apis.ts). Left out in sessions from before there was one. */
  target?: string | undefined;
};

type TokenPlace = Pick<Api, 'tokenName' | 'target'>;

/**
 * @returns null when it was never got, or is for another target: the declaration or its variables have
 *   changed since. One without a target is taken for as long as it lives: an update signs no user out
 */
export function findAccessToken(tokens: TokenSet, { tokenName, target }: TokenPlace): AccessToken | null {
  const named = tokenName !== null && Object.hasOwn(tokens.apiTokens, tokenName);
  const token = tokenName === null ? tokens : named ? tokens.apiTokens[tokenName] : undefined;
  return token === undefined || (token.target ?? target) !== target ? null : token;
}

/** With that token in place of the one before, and every other as it was. */
export function withAccessToken<T extends TokenSet>(
  tokens: T,
  { tokenName, target }: TokenPlace,
  token: Omit<AccessToken, 'target'>,
): T {
  const { accessToken, expiresAtSec, obtainedAtSec } = token;
  const times = { expiresAtSec, obtainedAtSec, target };
  if (tokenName !== null)
    return { ...tokens, apiTokens: { ...tokens.apiTokens, [tokenName]: { accessToken, ...times } } };
  return accessToken === null ? tokens : { ...tokens, accessToken, ...times };
}

/** When the token was last replaced because its API had rejected it. */
export function findReplacement(session: Session, name: string | null): number | null {
  return name === null ? session.tokenReplacedAtSec : (session.apiTokensReplacedAtSec[name] ?? null);
}

export function withReplacement(session: Session, name: string | null, atSec: number): Session {
  if (name === null) return { ...session, tokenReplacedAtSec: atSec };
  return { ...session, apiTokensReplacedAtSec: { ...session.apiTokensReplacedAtSec, [name]: atSec } };
}
