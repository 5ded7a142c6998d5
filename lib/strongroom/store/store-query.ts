/** What several parts of the core want to know of the store, asked in one trip. */
import 'server-only';
import { currentStore } from './current-store';

export type StoreQuery<T> = {
  /** Without any, nothing is asked. */
  keys: readonly string[];
  /** @param values of `keys`, in their order */
  read: (values: readonly (string | null)[]) => T | Promise<T>;
};

/**
 * Asks for the keys of all queries at once.
 * @returns what each query reads from its values, in their order
 * @throws AppError `store_unavailable`, and what `read` throws
 * @example
 * const [revocation, tokens] = await queryStore(buildRevocationQuery(session), buildTokenQuery(session));
 */
export async function queryStore<Found extends unknown[]>(
  ...queries: { [At in keyof Found]: StoreQuery<Found[At]> }
): Promise<Found> {
  const keys = queries.flatMap((one) => one.keys);
  const values = keys.length === 0 ? [] : await currentStore().getMany(keys);
  let at = 0;
  const found = queries.map(({ keys: own, read }) => {
    at += own.length;
    return read(values.slice(at - own.length, at));
  });
  return Promise.all(found) as Promise<Found>;
}
