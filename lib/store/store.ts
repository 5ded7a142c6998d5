/** Short-lived memory that several requests share: values by key, each with its end. Implementations: memory-store.ts. */

export type Store = {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, lifetimeMs: number): Promise<void>;
  /** Sets the value only if there is none. @returns whether this call set it */
  claim(key: string, value: string, lifetimeMs: number): Promise<boolean>;
  delete(key: string): Promise<void>;
};
