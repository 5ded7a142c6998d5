import { beforeEach, describe, expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { useEnvironment } from '../testing/environment';
import { AuditQueue, type BatchName, DeliveryError } from './audit-queue';

let told: LoggedEvent[];
beforeEach(() => {
  useEnvironment();
  told = [];
  onEvent((event) => told.push(event));
});

/** A destination that the test opens and closes, and waits that end when the test says so. */
function startQueue(options: { maxRecords?: number; maxBatch?: number } = {}) {
  const delivered: { lines: readonly string[]; batch: BatchName }[] = [];
  const waits: { ms: number; go: () => void }[] = [];
  const state: { error: Error | null } = { error: null };
  const sink = {
    gatherMs: 5,
    deliver: async (lines: readonly string[], batch: BatchName) => {
      delivered.push({ lines: [...lines], batch });
      if (state.error !== null) throw state.error;
    },
  };
  const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => resolve());
      waits.push({ ms, go: resolve });
    });
  const queue = new AuditQueue(sink, { ...options, pause });
  /** Ends the pause that comes next. @returns how long it would have been */
  const goOn = async () => {
    await expect.poll(() => waits.length).toBeGreaterThan(0);
    const next = waits.shift();
    next?.go();
    return next?.ms ?? 0;
  };
  return { queue, delivered, state, goOn };
}

const failure = (reason: string) => new DeliveryError(reason, { mend: 'mend it' });
const named = (name: string) => told.filter(({ event }) => event === name).map(({ fields }) => fields);

describe('the queue of the audit log', () => {
  it('delivers what came while it gathered as one batch, in its order', async () => {
    const { queue, delivered, goOn } = startQueue({ maxBatch: 2 });
    for (const line of ['a', 'b', 'c']) queue.add(line);
    await goOn();
    await goOn();
    await expect.poll(() => delivered.map(({ lines }) => lines)).toEqual([['a', 'b'], ['c']]);
    queue.add('later');
    await goOn();
    await expect.poll(() => delivered.at(-1)?.lines).toEqual(['later']);
  });

  it('repeats a batch that failed with the same id and ever longer waits, and says so once', async () => {
    const { queue, delivered, state, goOn } = startQueue();
    state.error = failure('collector_timeout');
    queue.add('a');
    await goOn();
    const waits = [await goOn(), await goOn(), await goOn()];
    state.error = null;
    waits.push(await goOn());
    await expect.poll(() => named('audit_log_back')).toEqual([{ dropped: 0 }]);
    for (const [index, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual(750 * 2 ** index);
      expect(ms).toBeLessThanOrEqual(1_250 * 2 ** index);
    }
    expect(new Set(delivered.map(({ batch }) => batch.id)).size).toBe(1);
    expect(delivered.map(({ batch }) => batch.isRepeated)).toEqual([false, true, true, true, true]);
    expect(named('audit_log_failing')).toEqual([
      { reason: 'collector_timeout', mend: 'mend it', causes: 'DeliveryError' },
    ]);
  });

  it('waits as long as the collector asks for', async () => {
    const { queue, state, goOn } = startQueue();
    state.error = new DeliveryError('collector_status', { retryAfterSec: 120 });
    queue.add('a');
    await goOn();
    expect(await goOn()).toBe(120_000);
  });

  it('drops and counts what finds no place, and a batch that is never taken; strangers fill a half', async () => {
    const { queue, delivered, state, goOn } = startQueue({ maxRecords: 4 });
    for (const line of ['s1', 's2', 's3', 's4']) queue.add(line, 0.5);
    for (const line of ['u1', 'u2', 'u3']) queue.add(line);
    await goOn();
    await expect.poll(() => delivered[0]?.lines).toEqual(['s1', 's2', 'u1', 'u2']);
    await expect.poll(() => named('audit_log_back')).toEqual([{ dropped: 3 }]);
    state.error = new DeliveryError('collector_status', { isFinal: true });
    queue.add('never');
    await goOn();
    await expect.poll(() => delivered.length).toBe(2);
    state.error = null;
    queue.add('next');
    await goOn();
    await expect.poll(() => named('audit_log_back').at(-1)).toEqual({ dropped: 1 });
    expect(delivered.at(-1)?.lines).toEqual(['next']);
  });

  it('at the end it delivers without delay', async () => {
    const { queue, delivered } = startQueue({ maxBatch: 1 });
    queue.add('a');
    queue.add('b');
    await queue.end();
    expect(delivered.map(({ lines }) => lines)).toEqual([['a'], ['b']]);
    expect(named('audit_log_failing')).toEqual([]);
  });

  it('at the end it tries a failing destination once more, and says how many are lost', async () => {
    const { queue, delivered, state, goOn } = startQueue();
    state.error = failure('collector_network');
    queue.add('a');
    queue.add('b');
    await goOn();
    await expect.poll(() => delivered.length).toBe(1);
    await queue.end();
    expect(delivered).toHaveLength(2);
    expect(named('audit_log_failing').at(-1)).toMatchObject({ reason: 'process_exit', lost: 2 });
  });

  it('that is too large for a destination goes in parts, so that one record costs no other', async () => {
    const taken: string[] = [];
    const deliver = async (lines: readonly string[]) => {
      if (lines.length > 2 || lines.includes('never'))
        throw new DeliveryError('collector_status', { isFinal: true });
      taken.push(...lines);
    };
    const queue = new AuditQueue({ gatherMs: 1, deliver });
    for (const line of ['a', 'b', 'never', 'c', 'd', 'e', 'f']) queue.add(line);
    await expect.poll(() => named('audit_log_back').map(({ dropped }) => dropped)).toContain(1);
    await queue.end();
    expect(taken).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('at the end it waits for a destination that is silent no longer than it may, and says what is lost', async () => {
    const queue = new AuditQueue({ gatherMs: 1, deliver: () => new Promise<void>(() => {}) });
    queue.add('a');
    await queue.end();
    expect(named('audit_log_failing')).toMatchObject([{ reason: 'process_exit', lost: 1 }]);
  });

  it('an unexpected error counts as a failed delivery', async () => {
    const { queue, state, goOn } = startQueue();
    state.error = new TypeError('a bug');
    queue.add('a');
    await goOn();
    await expect.poll(() => named('audit_log_failing')).toHaveLength(1);
    expect(named('audit_log_failing')[0]).toMatchObject({ reason: 'internal_error' });
  });
});
