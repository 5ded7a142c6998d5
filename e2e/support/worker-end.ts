/** What outlives a test file must not outlive the worker that ran it, which Vitest ends by a signal. */

const acts: (() => void)[] = [];

/** Has time for what happens at once: no promise is waited for. */
export function atWorkerEnd(act: () => void): void {
  if (acts.push(act) > 1) return;
  process.once('SIGTERM', () => {
    for (const one of acts) one();
    process.exit();
  });
}
