/** The gauges: how things stand at the moment when somebody reads. */
import 'server-only';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Meter, ObservableResult } from '@opentelemetry/api';
import { nowMs } from '../base/clock';
import { currentBackOff } from '../oauth/refresh/back-off';
import { currentStore } from '../store/current-store';

const resolutionMs = 20;

type Observe = (result: ObservableResult) => void | Promise<void>;

export function observeState(meter: Meter): void {
  const observe = (name: string, description: string, read: Observe) =>
    meter.createObservableGauge(name, { description }).addCallback(read);
  const flag = (is: boolean) => (is ? 1 : 0);
  observe('strongroom_store_up', 'Whether the store responds', async (result) =>
    result.observe(flag(await currentStore().isReachable())),
  );
  observe('strongroom_store_writable', 'Whether the store takes writes', async (result) =>
    result.observe(flag(await currentStore().takesWrites())),
  );
  observe('strongroom_refresh_circuit_open', 'Whether a failing server is left alone', (result) =>
    result.observe(flag(currentBackOff().state.isCircuitOpen)),
  );
  observe('strongroom_refresh_tokens_waiting', 'Refresh tokens whose refresh failed lately', (result) =>
    result.observe(currentBackOff().state.waiting),
  );
  observe('process_resident_memory_bytes', 'Resident memory', (result) =>
    result.observe(process.memoryUsage.rss()),
  );
  const startedSec = nowMs() / 1000 - process.uptime();
  observe('process_start_time_seconds', 'When the process started', (result) => result.observe(startedSec));
  meter
    .createObservableCounter('process_cpu_seconds', { description: 'Time of processors' })
    .addCallback((result) => result.observe(sumOf(process.cpuUsage()) / 1e6));
  observe('strongroom_event_loop_lag_seconds', 'How late timers are, since it was read last', readLag());
}

/** Of one reader: a second one would see what happened since the first. */
function readLag(): Observe {
  const lag = monitorEventLoopDelay({ resolution: resolutionMs });
  lag.enable();
  return (result) => {
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
    // Nothing was measured yet.
    if (lag.count > 0) {
      result.observe(seconds(lag.percentile(50)), { of: 'median' });
      result.observe(seconds(lag.percentile(99)), { of: 'p99' });
      result.observe(seconds(lag.max), { of: 'max' });
    }
    lag.reset();
  };
}

function sumOf({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
