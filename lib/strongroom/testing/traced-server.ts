/** A server behind the guard whose spans stay in memory, in place of a collector. Test support only. */
import { context, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { switchTracing } from '../base/span';
import { registerTraceProvider } from '../tracing/trace-provider';
import { useEnvironment as setEnvironment } from './environment';
import { type GuardedServer, startGuardedServer } from './guarded-server';

export type TracedServer = {
  guarded: GuardedServer;
  /** Those that have ended, in the order of their ends. */
  spans(): Promise<ReturnType<InMemorySpanExporter['getFinishedSpans']>>;
  close(): Promise<void>;
};

export async function startTracedServer(
  env: Record<string, string> = {},
  { sampledShare = 1, hasNext = false } = {},
): Promise<TracedServer> {
  setEnvironment(env);
  const exporter = new InMemorySpanExporter();
  const provider = registerTraceProvider({ sampledShare, hasNext }, exporter);
  switchTracing(true);
  const guarded = await startGuardedServer();
  return {
    guarded,
    spans: async () => {
      await provider.forceFlush();
      return exporter.getFinishedSpans();
    },
    close: async () => {
      await guarded.close();
      await provider.shutdown();
      for (const api of [trace, context, propagation]) api.disable();
      switchTracing(false);
    },
  };
}
