/** Ends to waiting. Pure but for their timers. */

/** The work goes on, but its caller does not wait any longer. @returns what `work` gives within `ms` milliseconds, else `late` */
export async function waitAtMost<T>(ms: number, work: Promise<T>, late: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}

export type Deadline = {
  /** Aborted when the time is over, with a `TimeoutError`: in the log, an `AbortError` is somebody who has left. */
  signal: AbortSignal;
  /** For work that has ended: the signal is never aborted then. */
  clear: () => void;
};

/**
 * For work that can be aborted. `AbortSignal.timeout` cannot be cleared: its timer, and with it all that belongs to
 * the request for which it was set, stays in memory until the garbage collector has found the signal, and longer
 * while anything listens to it. Under load that doubled the work of the garbage collector.
 */
export function startDeadline(ms: number): Deadline {
  const end = new AbortController();
  const abort = () => end.abort(new DOMException('The time is over.', 'TimeoutError'));
  const timer = setTimeout(abort, Math.ceil(ms)).unref();
  return { signal: end.signal, clear: () => clearTimeout(timer) };
}
