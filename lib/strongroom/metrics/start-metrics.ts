/**
 * Metrics by OpenTelemetry, where they are switched on: read by Prometheus at a private port, pushed to a collector, or
 * both. No token and nothing of a user is in a label.
 */
import 'server-only';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { onEvent } from '../base/events';
import { watchFailures } from '../base/failure-watch';
import { getConfig } from '../config/config';
import { beforeExit } from '../server/shutdown';
import { countEvents } from './count-events';
import { serveMetrics } from './metrics-server';
import { observeState } from './observe-state';

/** That the collector takes nothing is said once, until it does. */
class WatchedExporter extends OTLPMetricExporter {
  readonly #note = watchFailures({ failed: 'metrics_not_exported', back: 'metrics_exported_again' });

  override export(...[metrics, done]: Parameters<OTLPMetricExporter['export']>): void {
    super.export(metrics, (result) => {
      const { code, error = new Error('not taken') } = result;
      this.#note(code === ExportResultCode.SUCCESS ? null : error);
      done(result);
    });
  }
}

export async function startMetrics(): Promise<{ close: () => Promise<unknown> }> {
  const { metricsAt, pushesMetrics, apis } = getConfig();
  const readers: IMetricReader[] = [];
  if (metricsAt !== null) {
    const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
    readers.push(exporter);
    await serveMetrics(metricsAt, exporter);
  }
  if (pushesMetrics) {
    readers.push(new PeriodicExportingMetricReader({ exporter: new WatchedExporter() }));
  }
  const named = resourceFromAttributes({ 'service.name': 'strongroom' });
  const resource = named.merge(detectResources({ detectors: [envDetector] }));
  const provider = new MeterProvider({ resource, readers });
  const meter = provider.getMeter('strongroom');
  onEvent(countEvents(meter, [...new Set(apis.map(({ name }) => name))]));
  observeState(meter);
  const close = () => provider.shutdown();
  beforeExit(close);
  return { close };
}
