/** A map that forgets: entries end at their time, and the least recently used ones go when it is full. Pure but for its clock. */
import { type Clock, nowMs } from './clock';

export class BoundedMap<T> {
  readonly #entries = new Map<string, { value: T; endsAtMs: number }>();
  readonly #maxEntries: number;
  readonly #clock: Clock;

  constructor(maxEntries: number, clock: Clock = nowMs) {
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
    while (this.#entries.size > this.#maxEntries) {
      const oldest = this.#entries.keys().next().value;
      if (oldest === undefined) return;
      this.#entries.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
