/**
 * What this instance gave to the shared store and may have to give again: after the store lost everything, or when it was away. Bounded in
 * entries and in characters; the oldest go first.
 */
import { type Clock, nowMs } from '@/lib/base/clock';

type Entry = {
  value: string;
  endsAtMs: number;
  isWritten: boolean;
  /** A number that is only ever raised. */
  isRaised: boolean;
};
export type Kept = Omit<Entry, 'endsAtMs'> & { key: string; lifetimeMs: number };

const maxEntries = 20_000;
const maxChars = 64_000_000;

export class Keepsake {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #limits: { entries: number; chars: number };
  #chars = 0;

  constructor(clock: Clock = nowMs, limits = { entries: maxEntries, chars: maxChars }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): string | null {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.endsAtMs > this.#clock() ? entry.value : null;
  }

  keep(key: string, value: string, lifetimeMs: number): void {
    this.#put(key, { value, endsAtMs: this.#clock() + lifetimeMs, isWritten: false, isRaised: false });
  }

  /** The higher of the two. */
  raise(key: string, number: number, lifetimeMs: number): void {
    if (Number(this.get(key) ?? 0) >= number) return;
    const value = String(number);
    this.#put(key, { value, endsAtMs: this.#clock() + lifetimeMs, isWritten: false, isRaised: true });
  }

  #put(key: string, entry: Entry): void {
    this.forget(key);
    this.#entries.set(key, entry);
    this.#chars += key.length + entry.value.length;
    this.#shrink();
  }

  /** The store has it. */
  markWritten(key: string, value: string): void {
    const entry = this.#entries.get(key);
    if (entry?.value === value) entry.isWritten = true;
  }

  shorten(key: string, lifetimeMs: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.endsAtMs = Math.min(entry.endsAtMs, this.#clock() + lifetimeMs);
  }

  forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#chars -= key.length + entry.value.length;
    this.#entries.delete(key);
  }

  /** Everything that has not ended, oldest first; what has is dropped. */
  list(): Kept[] {
    const atMs = this.#clock();
    const kept: Kept[] = [];
    for (const [key, { endsAtMs, ...entry }] of this.#entries) {
      if (endsAtMs > atMs) kept.push({ key, ...entry, lifetimeMs: endsAtMs - atMs });
      else this.forget(key);
    }
    return kept;
  }

  #shrink(): void {
    if (this.#isFull()) this.list();
    for (const key of this.#entries.keys()) {
      if (!this.#isFull()) return;
      this.forget(key);
    }
  }

  #isFull(): boolean {
    return this.#entries.size > this.#limits.entries || this.#chars > this.#limits.chars;
  }
}
