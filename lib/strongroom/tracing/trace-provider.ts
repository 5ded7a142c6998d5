/**
 * Makes and exports spans with the SDK of OpenTelemetry, which reads its own variables: headers, time-outs,
 * certificates, the name of the service. Loaded only where traces are exported.
 */
import 'server-only';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type ExportResult, ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { watchFailures } from '../base/failure-watch';
import type { TraceSettings } from '../config/trace-settings';
import { cleanSpan } from './clean-span';
import { withoutNext } from './without-next';

/** OpenTelemetry drops what fails for so long. */
const exportTimeoutMillis = 10_000;
const scheduledDelayMillis = 900;

/** Next and every bundle of the application find the provider by the API of OpenTelemetry. */
export function registerTraceProvider(
  { sampledShare, hasNext }: Pick<TraceSettings, 'sampledShare' | 'hasNext'>,
  exporter: SpanExporter = new OTLPTraceExporter(),
): TracerProvider {
  const processor = new BatchSpanProcessor({
    exporter: new CleanExporter(exporter),
    ...{ exportTimeoutMillis, scheduledDelayMillis },
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'strongroom' }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampledShare) }),
    spanProcessors: [processor],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(hasNext ? provider : withoutNext(provider));
  return provider;
}

/** The last gate: no span passes it as it was made. That the collector takes none is said once, until it does. */
class CleanExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #note = watchFailures({ failed: 'traces_not_exported', back: 'traces_exported_again' });

  constructor(inner: SpanExporter) {
    this.#inner = inner;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#inner.export(spans.map(cleanSpan), (result) => {
      const { code, error = new Error('not taken') } = result;
      this.#note(code === ExportResultCode.SUCCESS ? null : error, { spans: spans.length });
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    await this.#inner.shutdown();
  }
}
