/**
 * What waits to be delivered. Adding never waits and never throws: a destination that fails is tried again, ever more
 * seldom, and what finds no place meanwhile is counted. Each record is delivered at least once, in its order.
 */
import 'server-only';
import { setTimeout as wait } from 'node:timers/promises';
import { waitAtMost } from '../base/deadline';
import { logEvent, logFailure } from '../base/log';

export type AuditSink = {
  /** For so long it waits for more, so that these go together. */
  gatherMs: number;
  /** Lines without their end. @throws DeliveryError */
  deliver: (lines: readonly string[], batch: BatchName) => Promise<void>;
};

/** `id` stays the same when a batch is sent again. */
export type BatchName = { id: string; isRepeated: boolean };

/** Why a destination took nothing. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly reason: string;
  /** It will never take these. */
  readonly isFinal: boolean;
  /** It will not work before the operator changes something. */
  readonly isOfSetting: boolean;
  readonly retryAfterSec: number;
  /** What the operator does about it. */
  readonly mend: string | undefined;

  constructor(
    reason: string,
    options: Partial<
      Pick<DeliveryError, 'isFinal' | 'isOfSetting' | 'retryAfterSec' | 'mend' | 'cause'>
    > = {},
  ) {
    super(reason, { cause: options.cause });
    this.reason = reason;
    this.isFinal = options.isFinal ?? false;
    this.isOfSetting = options.isOfSetting ?? false;
    this.retryAfterSec = options.retryAfterSec ?? 0;
    this.mend = options.mend;
  }
}

export type QueueOptions = {
  maxRecords?: number;
  maxBatch?: number;
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

const firstBackOffMs = 1_000;
const longestBackOffMs = 60_000;
/** Less than the end of the process waits for, so that what is lost is said. */
const endMs = 1_500;
const untilAborted = (ms: number, signal: AbortSignal) =>
  wait(ms, undefined, { ref: false, signal }).catch(() => {});

export class AuditQueue {
  readonly #sink: AuditSink;
  readonly #maxRecords: number;
  readonly #maxBatch: number;
  readonly #pause: NonNullable<QueueOptions['pause']>;
  readonly #end = new AbortController();
  #waiting: string[] = [];
  #running: Promise<void> | null = null;
  #failures = 0;
  #dropped = 0;

  constructor(
    sink: AuditSink,
    { maxRecords = 5_000, maxBatch = 200, pause = untilAborted }: QueueOptions = {},
  ) {
    this.#sink = sink;
    this.#maxRecords = maxRecords;
    this.#maxBatch = maxBatch;
    this.#pause = pause;
  }

  /** @param share of the places that such records may take */
  add(line: string, share = 1): void {
    if (this.#waiting.length >= this.#maxRecords * share) this.#dropped += 1;
    else this.#waiting.push(line);
    this.#start();
  }

  #start(): void {
    this.#running ??= this.#deliverAll().finally(() => {
      this.#running = null;
      if (this.#waiting.length > 0 && !this.#end.signal.aborted) this.#start();
    });
  }

  /** Delivers what waits without further delay. What a failing destination does not take now is lost, and logged. */
  async end(): Promise<void> {
    this.#end.abort();
    await waitAtMost(endMs, this.#running ?? Promise.resolve(), undefined);
    const lost = this.#waiting.length + this.#dropped;
    if (lost > 0)
      logFailure('audit_log_failing', new DeliveryError('process_exit'), { reason: 'process_exit', lost });
  }

  async #deliverAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#pause(this.#sink.gatherMs, this.#end.signal);
      const batch = this.#waiting.slice(0, this.#maxBatch);
      if (!(await this.#deliverBatch(batch))) return;
      this.#waiting.splice(0, batch.length);
    }
  }

  /** @returns false at the end of the process, for a destination that still fails */
  async #deliverBatch(batch: readonly string[]): Promise<boolean> {
    const id = crypto.randomUUID();
    for (let tries = 0; ; tries += 1) {
      const error = await this.#sink.deliver(batch, { id, isRepeated: tries > 0 }).then(
        () => null,
        (cause: unknown) =>
          cause instanceof DeliveryError ? cause : new DeliveryError('internal_error', { cause }),
      );
      if (error === null) this.#noteSuccess();
      else this.#noteFailure(error, batch.length);
      if (error?.isFinal && batch.length > 1) return this.#deliverHalves(batch);
      if (error === null || error.isFinal) return true;
      if (this.#end.signal.aborted && tries > 0) return false;
      const backOffMs = Math.min(firstBackOffMs * 2 ** Math.min(tries, 10), longestBackOffMs);
      await this.#pause(
        Math.max(backOffMs * (0.75 + Math.random() / 2), error.retryAfterSec * 1_000),
        this.#end.signal,
      );
    }
  }

  /** One record that is never taken, or too many at once, must not cost the others. */
  async #deliverHalves(batch: readonly string[]): Promise<boolean> {
    const half = Math.ceil(batch.length / 2);
    return (await this.#deliverBatch(batch.slice(0, half))) && (await this.#deliverBatch(batch.slice(half)));
  }

  /** Said once, until it works again. */
  #noteFailure(error: DeliveryError, records: number): void {
    const { reason, mend, isFinal } = error;
    if (isFinal && records === 1) this.#dropped += 1;
    this.#failures += 1;
    if (this.#failures === 1) logFailure('audit_log_failing', error, { reason, mend });
  }

  /** The line goes into the audit log too, so that a reader sees the gap. */
  #noteSuccess(): void {
    const dropped = this.#dropped;
    if (this.#failures === 0 && dropped === 0) return;
    this.#failures = 0;
    this.#dropped = 0;
    logEvent('audit_log_back', { dropped });
  }
}
