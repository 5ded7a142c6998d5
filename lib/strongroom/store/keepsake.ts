/**
 * What this instance gave to the shared store and may have to give again: after the store lost everything, or when it was away or full. Bounded
 * in entries and in characters; the oldest go first.
 */
import { type Clock, monotonicMs } from '../base/clock';

type Entry = {
  value: string;
  endsAtMs: number;
  /** `unwritten`: the store never took it. `lost`: it had it, and lost it. */
  state: 'unwritten' | 'written' | 'lost';
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

  constructor(clock: Clock = monotonicMs, limits = { entries: maxEntries, chars: maxChars }) {
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

  /** What the store should have and has not. */
  getOwed(key: string): string | null {
    return this.#entries.get(key)?.state === 'written' ? null : this.get(key);
  }

  keep(key: string, value: string, lifetimeMs: number): void {
    this.#put(key, { value, endsAtMs: this.#clock() + lifetimeMs, state: 'unwritten', isRaised: false });
  }

  /** The higher of the two. */
  raise(key: string, number: number, lifetimeMs: number): void {
    if (Number(this.get(key) ?? 0) >= number) return;
    const value = String(number);
    this.#put(key, { value, endsAtMs: this.#clock() + lifetimeMs, state: 'unwritten', isRaised: true });
  }

  /** The store has it. */
  markWritten(key: string, value: string): void {
    const entry = this.#entries.get(key);
    if (entry?.value === value) entry.state = 'written';
  }

  /** The store has nothing any more: everything is owed until it is written again. */
  markAllLost(): void {
    for (const entry of this.#entries.values()) if (entry.state === 'written') entry.state = 'lost';
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

  /** Everything that is owed and has not ended, oldest first; what has ended is dropped. */
  listOwed(): Kept[] {
    const atMs = this.#clock();
    const owed: Kept[] = [];
    for (const [key, { endsAtMs, ...entry }] of this.#entries) {
      if (endsAtMs <= atMs) this.forget(key);
      else if (entry.state !== 'written') owed.push({ key, ...entry, lifetimeMs: endsAtMs - atMs });
    }
    return owed;
  }

  #put(key: string, entry: Entry): void {
    this.forget(key);
    this.#entries.set(key, entry);
    this.#chars += key.length + entry.value.length;
    this.#shrink();
  }

  #shrink(): void {
    if (this.#isFull()) this.listOwed();
    for (const key of this.#entries.keys()) {
      if (!this.#isFull()) return;
      this.forget(key);
    }
  }

  #isFull(): boolean {
    return this.#entries.size > this.#limits.entries || this.#chars > this.#limits.chars;
  }
}
