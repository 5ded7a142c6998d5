/**
 * Writes that the store could not take because it was down, and that would cost a user something if they were
 * dropped: a revocation, or the result of a refresh. They are repeated, in their order, until the store takes
 * them or the value would have expired.
 */
import 'server-only';
import { type Clock, monotonicMs } from '../base/clock';
import { findAppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';

/** @param leftMs what is left of the value's lifetime */
type Write = (leftMs: number) => Promise<unknown>;

const retryMs = 1_000;
const maxWaiting = 5_000;

/**
 * Writes now, or as soon as the store is back.
 * @throws AppError `store_unavailable` when it was not written now
 */
export async function writeOrRetry(lifetimeMs: number, write: Write): Promise<void> {
  try {
    await write(lifetimeMs);
  } catch (error) {
    if (findAppError(error)?.code === 'store_unavailable')
      processSingleton('late-writes', () => new LateWrites()).add(lifetimeMs, write);
    throw error;
  }
}

export class LateWrites {
  readonly #waiting = new Set<{ endsAtMs: number; write: Write }>();
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | null = null;

  constructor(clock: Clock = monotonicMs) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The oldest go when there are too many. */
  add(lifetimeMs: number, write: Write): void {
    this.#waiting.add({ endsAtMs: this.#clock() + lifetimeMs, write });
    const [oldest] = this.#waiting;
    if (this.#waiting.size > maxWaiting && oldest !== undefined) this.#waiting.delete(oldest);
    this.#timer ??= setInterval(() => void this.#retry(), retryMs).unref();
  }

  /** The first one that fails says that the store is still down. */
  async #retry(): Promise<void> {
    for (const late of this.#waiting) {
      const leftMs = late.endsAtMs - this.#clock();
      if (leftMs > 0 && !(await isWritten(late.write(leftMs)))) return;
      this.#waiting.delete(late);
    }
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

function isWritten(writing: Promise<unknown>): Promise<boolean> {
  return writing.then(
    () => true,
    () => false,
  );
}
