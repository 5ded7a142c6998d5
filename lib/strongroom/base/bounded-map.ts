/**
 * A map of bounded size: entries expire, and the least recently used ones go when it is full. Pure but for
 * its clock.
 */
import { type Clock, monotonicMs } from './clock';

/**
 * After so many calls of `set` all expired entries are removed, because those that are never read again would
 * stay otherwise.
 */
const stepsBetweenSweeps = 1_000;

export class BoundedMap<T> {
  readonly #entries = new Map<string, { value: T; endsAtMs: number }>();
  readonly #maxEntries: number;
  readonly #clock: Clock;
  #steps = 0;

  constructor(maxEntries: number, clock: Clock = monotonicMs) {
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    if (entry.endsAtMs <= this.#clock()) return null;
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: T, lifetimeMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, endsAtMs: this.#clock() + lifetimeMs });
    this.#steps += 1;
    if (this.#steps % stepsBetweenSweeps === 0) this.#sweep();
    while (this.#entries.size > this.#maxEntries) {
      const oldest = this.#entries.keys().next().value;
      if (oldest === undefined) return;
      this.#entries.delete(oldest);
    }
  }

  /** Replaces the value and keeps its end; does nothing when there is no entry. */
  replace(key: string, value: T): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.value = value;
  }

  /** Lets the entry end at most `lifetimeMs` from now. */
  shorten(key: string, lifetimeMs: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.endsAtMs = Math.min(entry.endsAtMs, this.#clock() + lifetimeMs);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  #sweep(): void {
    const atMs = this.#clock();
    for (const [key, { endsAtMs }] of this.#entries) if (endsAtMs <= atMs) this.#entries.delete(key);
  }
}
