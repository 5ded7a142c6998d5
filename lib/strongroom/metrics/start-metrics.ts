/**
 * Metrics by OpenTelemetry, where they are switched on: read by Prometheus at a private port, pushed to a collector, or
 * both. No token and nothing of a user is in a label.
 */
import 'server-only';
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { onEvent } from '../base/events';
import { getConfig } from '../config/config';
import { beforeExit } from '../server/shutdown';
import { countEvents } from './count-events';
import { serveMetrics } from './metrics-server';
import { observeState } from './observe-state';

export async function startMetrics(): Promise<{ close: () => Promise<unknown> }> {
  const { metricsAt, pushesMetrics, apis } = getConfig();
  const readers: IMetricReader[] = [];
  if (metricsAt !== null) {
    const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
    readers.push(exporter);
    await serveMetrics(metricsAt, exporter);
  }
  if (pushesMetrics) {
    // What it cannot send is a line of the log, as everything that a package prints.
    diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);
    readers.push(new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() }));
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
