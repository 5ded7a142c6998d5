/** Traces, from the start of the process to its end. Without an endpoint, nothing of OpenTelemetry's SDK is loaded. */
import 'server-only';
import { waitAtMost } from '../base/deadline';
import { processSingleton } from '../base/process-singleton';
import { switchTracing } from '../base/span';
import type { TraceSettings } from '../config/trace-settings';

const endMs = 3_000;

type Running = { shutdown: () => Promise<void> };
const running = () =>
  processSingleton<{ provider: Running | null }>('trace-provider', () => ({ provider: null }));

/** @param serviceName where `OTEL_SERVICE_NAME` gives no other */
export async function startTracing(settings: TraceSettings, serviceName: string): Promise<void> {
  if (!settings.isOn) return;
  const { registerTraceProvider } = await import('./trace-provider');
  running().provider = registerTraceProvider(settings, serviceName);
  switchTracing(true);
}

/** Exports what waits, for three seconds at most. */
export async function endTracing(): Promise<void> {
  const shutdown = running().provider?.shutdown() ?? Promise.resolve();
  await waitAtMost(
    endMs,
    shutdown.catch(() => {}),
    undefined,
  );
}
