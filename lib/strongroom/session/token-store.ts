/**
 * Tokens that are too large for a cookie: sealed, in the store, under the session's id. Newer tokens are
 * never overwritten by older ones, and a request with an older cookie finds the newest too.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { isRecord } from '../base/guards';
import { currentStore } from '../store/current-store';
import { queryStore, type StoreQuery } from '../store/store-query';
import { withoutLongIdToken } from './id-token-hint';
import { seal, unseal } from './seal';
import { parseTokenSet, type Session, type TokenSet } from './session';

/** @throws AppError `store_unavailable` */
export async function storeTokens({ id, tokens, endsAtSec }: Session): Promise<void> {
  const lifetimeSec = Math.max(1, endsAtSec - nowSec());
  const known = await readTokens(id, lifetimeSec);
  if (known !== null && isNewer(known, tokens)) return;
  await currentStore().set(
    tokenStoreKey(id),
    await seal('token_store', { id, tokens: withoutLongIdToken(tokens) }, lifetimeSec),
    lifetimeSec * 1000,
  );
}

function isNewer(known: TokenSet, tokens: TokenSet): boolean {
  if (known.refreshes !== tokens.refreshes) return known.refreshes > tokens.refreshes;
  return known.obtainedAtSec > tokens.obtainedAtSec;
}

/** The tokens of the session, or null when the store has none. @throws AppError `store_unavailable` */
export async function readTokens(id: string, lifetimeSec: number): Promise<TokenSet | null> {
  const [tokens] = await queryStore(buildTokenQuery(id, lifetimeSec));
  return tokens;
}

/** The same, for callers that ask the store for more in the same trip. */
export function buildTokenQuery(id: string, lifetimeSec: number): StoreQuery<TokenSet | null> {
  return {
    keys: [tokenStoreKey(id)],
    read: async ([sealed = null]) => {
      const data = sealed === null ? null : await unseal('token_store', sealed, lifetimeSec);
      // The id inside the seal, not the key, says whose tokens they are.
      const isOwn = isRecord(data) && data.id === id;
      return isOwn ? parseTokenSet(data.tokens) : null;
    },
  };
}

export async function removeTokens(id: string): Promise<void> {
  await currentStore().delete(tokenStoreKey(id));
}

function tokenStoreKey(id: string): string {
  return `tokens:${id}`;
}
