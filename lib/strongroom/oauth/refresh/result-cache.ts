/**
 * The results of refreshes, sealed in the store under the SHA-256 of the refresh token that was sent:
 * requests that still carry that token take the result instead of sending the token a second time. New tokens
 * stay until their browser proves that it has them, or would have been idle for too long, so a response that
 * never arrived signs no user out.
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { nowSec } from '../../base/clock';
import type { Api } from '../../config/apis';
import { getApi, getConfig } from '../../config/config';
import { type AccessToken, findAccessToken } from '../../session/access-token';
import { withoutLongIdToken } from '../../session/id-token-hint';
import { seal, unseal } from '../../session/seal';
import {
  type Identity,
  parseIdentity,
  parseTokenSet,
  type Session,
  type TokenSet,
} from '../../session/session';
import { currentStore } from '../../store/current-store';
import { writeOrRetry } from '../../store/late-writes';
import { needsRefresh } from '../token-age';

export type RefreshableTokens = TokenSet & { refreshToken: string };

/**
 * One link of a rotation chain. The key is carried along, so that a refresh token is hashed only once.
 * `identity` is what refreshes on the way said about the user; null: what the session says.
 */
export type ChainLink = { key: string; tokens: RefreshableTokens; identity: Identity | null };

export type RefreshResult =
  | { kind: 'fresh'; tokens: RefreshableTokens; identity: Identity | null }
  /** The refresh token does not work any more: only signing in again helps. */
  | { kind: 'login_required'; reason: string }
  /** The session is as good as before, and a later request may try again. */
  | { kind: 'retry_later'; reason: string };

/** What a caller needs: a token for this API (the first when left out) that is not the one that was rejected. */
export type Wanted = { api?: Api; rejectedToken?: string | null };

type DueTokens = { kind: 'due'; link: ChainLink };

/** How many rotations a browser's cookie may be behind: with tokens of two seconds, three minutes. */
const maxRotationsBehind = 100;
/** How long a result is kept for late requests once its tokens have proved to be in the browser. */
const settledSec = 60;
/** A rejected refresh token is remembered, so that many old cookies cause one request. */
const invalidGrantSec = 3_600;
/** All instances together try at most once a second for each refresh token. */
const failureMs = 1_000;

/** The key is never coarser than the refresh token, so two users never share a result. */
export function toChainLink(tokens: RefreshableTokens, identity: Identity | null = null): ChainLink {
  return { tokens, identity, key: createHash('sha256').update(tokens.refreshToken).digest('base64url') };
}

export function isRefreshable(tokens: TokenSet): tokens is RefreshableTokens {
  return tokens.refreshToken !== null;
}

/** Every method throws AppError `store_unavailable` when the store does not respond. */
export const resultCache = {
  async read(key: string): Promise<RefreshResult | null> {
    const sealed = await currentStore().get(resultKey(key));
    return sealed === null ? null : parseResult(await unseal('refresh_result', sealed, maxLifetimeSec()));
  },

  /**
   * Follows a rotation chain to the newest link that is known: usable tokens, a rejection, or due tokens. Always
   * to its end, whichever API asks: the one refresh token that may be sent next is there.
   */
  async follow(start: ChainLink, wanted: Wanted): Promise<RefreshResult | DueTokens> {
    let link = start;
    let isAtStart = true;
    for (let rotation = 0; rotation < maxRotationsBehind; rotation += 1) {
      const result = await this.read(link.key);
      if (result === null) return isAtStart ? toDue(link) : toResult(link, wanted);
      if (result.kind !== 'fresh') return result;
      const { tokens } = result;
      const identity = result.identity ?? link.identity;
      const isRotated = tokens.refreshToken !== link.tokens.refreshToken;
      if (!isRotated) return toResult({ key: link.key, tokens, identity }, wanted);
      link = toChainLink(tokens, identity);
      isAtStart = false;
    }
    return { kind: 'retry_later', reason: 'too_many_rotations' };
  },

  /** The newest tokens of the session that are known, and what came with them: those of the cookie may be spent. */
  async newest(session: Session): Promise<Session> {
    if (!isRefreshable(session.tokens)) return session;
    const found = await this.follow(toChainLink(session.tokens), {});
    if (found.kind !== 'fresh' && found.kind !== 'due') return session;
    const { tokens, identity } = found.kind === 'due' ? found.link : found;
    return { ...session, ...identity, tokens };
  },

  /** Why the last refresh failed, if it failed less than a second ago at any instance. */
  readFailure(key: string): Promise<string | null> {
    return currentStore().get(`refresh-failure:${key}`);
  },

  /**
   * Notes that the server rejects the refresh token without saying why.
   * @returns since when it has, in seconds
   */
  async noteRejection(key: string): Promise<number> {
    const [store, noted] = [currentStore(), `refresh-rejected:${key}`];
    if (await store.claim(noted, String(nowSec()), invalidGrantSec * 1000)) return 0;
    return nowSec() - Number((await store.get(noted)) ?? nowSec());
  },

  async forgetRejection(key: string): Promise<void> {
    await currentStore().delete(`refresh-rejected:${key}`);
  },

  async store(key: string, result: RefreshResult, { endsAtSec }: Session): Promise<void> {
    if (result.kind === 'retry_later')
      return currentStore().set(`refresh-failure:${key}`, result.reason, failureMs);
    // A browser that comes back later than this has to sign in anyway.
    const untilSignInSec = Math.max(1, Math.min(getConfig().sessionIdleSec, endsAtSec - nowSec()));
    const lifetimeSec = result.kind === 'fresh' ? untilSignInSec : invalidGrantSec;
    const kept = result.kind === 'fresh' ? { ...result, tokens: withoutLongIdToken(result.tokens) } : result;
    const [store, sealed] = [currentStore(), await seal('refresh_result', kept, maxLifetimeSec())];
    // A browser that shows the old refresh token after a fail-over must find this: it would spend it again.
    await writeOrRetry(lifetimeSec * 1000, (leftMs) =>
      store.untilReplicated(resultKey(key), () => store.set(resultKey(key), sealed, leftMs)),
    );
  },

  /** A request carried these tokens, so the response that brought them has arrived. */
  async settle({ previousRefreshKey }: TokenSet): Promise<void> {
    if (previousRefreshKey !== null)
      await currentStore().shorten(resultKey(previousRefreshKey), settledSec * 1000);
  },
};

/** Usable tokens as they are; others are due. */
function toResult(link: ChainLink, wanted: Wanted): RefreshResult | DueTokens {
  const { tokens, identity } = link;
  return isUsable(tokens, wanted) ? { kind: 'fresh', tokens, identity } : toDue(link);
}

function isUsable(tokens: TokenSet, { api = getApi(), rejectedToken = null }: Wanted): boolean {
  const token = findAccessToken(tokens, api);
  if (token === null) return false;
  // That the server gives none for this API is a result too, for a while.
  if (token.accessToken === null) return token.expiresAtSec > nowSec();
  return token.accessToken !== rejectedToken && !needsRefresh(token, nowSec(), 0);
}

/** All that a refresh may change, to see whether another one has been faster. */
export function listTokens(tokens: TokenSet): (string | number | null)[] {
  const others: AccessToken[] = Object.values(tokens.apiTokens);
  const timed = others.flatMap(({ accessToken, obtainedAtSec }) => [accessToken, obtainedAtSec]);
  return [tokens.refreshToken, tokens.accessToken, ...timed];
}

/** A refresh token that has expired, as the server said it would, is not sent. */
function toDue(link: ChainLink): RefreshResult | DueTokens {
  const { refreshEndsAtSec } = link.tokens;
  const isExpired = refreshEndsAtSec !== null && refreshEndsAtSec <= nowSec();
  return isExpired ? { kind: 'login_required', reason: 'refresh_token_expired' } : { kind: 'due', link };
}

function maxLifetimeSec(): number {
  return Math.max(getConfig().sessionLifetimeSec, invalidGrantSec);
}

function resultKey(key: string): string {
  return `refresh-result:${key}`;
}

function parseResult(data: unknown): RefreshResult | null {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return null;
  if (data.kind === 'login_required' && 'reason' in data)
    return { kind: 'login_required', reason: String(data.reason) };
  const tokens = data.kind === 'fresh' && 'tokens' in data ? parseTokenSet(data.tokens) : null;
  if (tokens === null || !isRefreshable(tokens)) return null;
  return { kind: 'fresh', tokens, identity: 'identity' in data ? parseIdentity(data.identity) : null };
}
