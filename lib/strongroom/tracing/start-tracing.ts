/** Traces, from the start of the process to its end. Without an endpoint, nothing of OpenTelemetry's SDK is loaded. */
import 'server-only';
import { processSingleton } from '../base/process-singleton';
import { switchTracing } from '../base/span';
import type { TraceSettings } from '../config/trace-settings';

type Running = { shutdown: () => Promise<void> };
const running = () =>
  processSingleton<{ provider: Running | null }>('trace-provider', () => ({ provider: null }));

export async function startTracing(settings: TraceSettings): Promise<void> {
  if (!settings.isOn) return;
  const { registerTraceProvider } = await import('./trace-provider');
  running().provider = registerTraceProvider(settings);
  switchTracing(true);
}

/** Exports what waits. */
export async function endTracing(): Promise<void> {
  await running().provider?.shutdown();
}
