/**
 * The back-off from an authorization server that fails. A refresh token whose refresh failed waits, each
 * time longer. When the server fails for all, a circuit breaker opens for all, and then one request tries
 * first. Each instance has its own.
 */
import { BoundedMap } from '../../base/bounded-map';
import { type Clock, monotonicMs } from '../../base/clock';
import type { AppError } from '../../base/errors';
import { processSingleton } from '../../base/process-singleton';

type Wait = { reason: string; failures: number; untilMs: number };

const firstWaitMs = 1_000;
const maxWaitMs = 10_000;
const maxRetryAfterMs = 30_000;
const waitKeptMs = 120_000;
/** The circuit opens after so many server failures in a row, whichever tokens they were about. */
const circuitFailures = 5;
const maxCircuitMs = 8_000;

export class RefreshBackOff {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #waits: BoundedMap<Wait>;
  #failuresInRow = 0;
  #circuitOpenUntilMs = 0;

  constructor(clock: Clock = monotonicMs, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
    this.#waits = new BoundedMap<Wait>(10_000, clock);
  }

  /** Why a request with any of these keys must wait, or null when it may be sent now. */
  findReason(...keys: readonly string[]): string | null {
    const atMs = this.#clock();
    for (const key of keys) {
      const wait = this.#waits.get(key);
      if (wait !== null && wait.untilMs > atMs) return wait.reason;
    }
    if (this.#failuresInRow < circuitFailures) return null;
    if (this.#circuitOpenUntilMs > atMs) return 'circuit_open';
    // This request tries first; the circuit stays open for the others until its result is known.
    this.#circuitOpenUntilMs = atMs + maxCircuitMs;
    return null;
  }

  /** For the metrics. */
  get state(): { waiting: number; isCircuitOpen: boolean } {
    const isCircuitOpen = this.#failuresInRow >= circuitFailures && this.#circuitOpenUntilMs > this.#clock();
    return { waiting: this.#waits.size, isCircuitOpen };
  }

  noteFailure(key: string, { code, reason, retryAfterSec }: AppError): void {
    const atMs = this.#clock();
    const failures = (this.#waits.get(key)?.failures ?? 0) + 1;
    const growingMs = Math.min(maxWaitMs, firstWaitMs * 2 ** (failures - 1));
    const waitMs = Math.max(growingMs, Math.min(maxRetryAfterMs, (retryAfterSec ?? 0) * 1000));
    const untilMs = atMs + waitMs * (1 + this.#random() / 4);
    this.#waits.set(key, { reason, failures, untilMs }, waitKeptMs);
    // Other failures are about this one request.
    if (code !== 'temporarily_unavailable') return;
    this.#failuresInRow += 1;
    const openings = Math.floor(this.#failuresInRow / circuitFailures);
    if (openings > 0) this.#circuitOpenUntilMs = atMs + Math.min(maxCircuitMs, firstWaitMs * 2 ** openings);
  }

  reset(key: string): void {
    this.#waits.delete(key);
    this.#failuresInRow = 0;
    this.#circuitOpenUntilMs = 0;
  }
}

export function currentBackOff(): RefreshBackOff {
  return processSingleton('refresh-back-off', () => new RefreshBackOff());
}
