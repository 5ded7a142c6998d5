/**
 * Short-lived memory that several requests share: values by key, each with its end. One instance keeps it in
 * its process (memory-store.ts); several share Redis (redis-store.ts). Both pass contract.test.ts. Methods
 * throw AppError `store_unavailable` when the store does not respond in time, except where they say
 * otherwise.
 */

export type Store = {
  get(key: string): Promise<string | null>;
  /** One trip for all; in the order of `keys`. */
  getMany(keys: readonly string[]): Promise<(string | null)[]>;
  set(key: string, value: string, lifetimeMs: number): Promise<void>;
  /** Sets the number unless a higher one is there already: of two that race, the higher stays. */
  raise(key: string, number: number, lifetimeMs: number): Promise<void>;
  /** Sets the value only if there is none. @returns whether this call set it */
  claim(key: string, value: string, lifetimeMs: number): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** Lets the value end at most `lifetimeMs` from now; never prolongs it. */
  shorten(key: string, lifetimeMs: number): Promise<void>;
  /** Counts up from 1; the count ends `lifetimeMs` after its first step. @returns the count with this step */
  increment(key: string, lifetimeMs: number): Promise<number>;
  /**
   * For a moment after Redis was lost, nobody gets a lock: its holder may have to take it again.
   * @returns whether `owner` now holds the lock, for `lifetimeMs` unless renewed
   */
  lock(key: string, owner: string, lifetimeMs: number): Promise<boolean>;
  /** Keeps a lock, and takes it again when the store lost it. @returns false when another owner has it */
  renew(key: string, owner: string, lifetimeMs: number): Promise<boolean>;
  /** Releases the lock if `owner` still holds it. */
  unlock(key: string, owner: string): Promise<void>;
  /**
   * Writes `key`, and waits for a moment until a replica has it: for what must survive the loss of one Redis.
   * Writes once more when Redis was lost in between. Throws what `write` throws.
   * @returns false when there is a replica and it did not acknowledge in time, which is logged
   */
  untilReplicated(key: string, write: () => Promise<void>): Promise<boolean>;
  /** Whether the store responds now. Never throws. */
  isReachable(): Promise<boolean>;
  /**
   * Whether it takes writes now: one that is full or only a replica responds, and signs no user in. Never
   * throws.
   */
  takesWrites(): Promise<boolean>;
  close(): Promise<void>;
};
