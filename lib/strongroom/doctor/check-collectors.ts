/**
 * Whether the collectors take traces and metrics. They are sent an empty export by the SDK of OpenTelemetry, with its
 * variables for headers, time-outs and certificates, as the application sends its own.
 */
import 'server-only';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';
import { explainFailure } from './network-failure';

type Send = (done: (result: ExportResult) => void) => void;
type Collector = { check: 'traces' | 'metrics'; variable: string; path: string; send: Send };

const shared = 'OTEL_EXPORTER_OTLP_ENDPOINT';

export async function checkCollectors({ config, limits }: Context): Promise<Finding[]> {
  // The exporters repeat what fails: once is enough.
  const options = { timeoutMillis: limits.timeoutMs / 2 };
  const collectors: Collector[] = [];
  if (config.traces.isOn)
    collectors.push({
      ...{ check: 'traces', variable: config.traces.collectorVariable, path: '/v1/traces' },
      send: (done) => new OTLPTraceExporter(options).export([], done),
    });
  if (config.pushesMetrics)
    collectors.push({
      ...{
        check: 'metrics',
        variable: config.metricsCollectorVariable,
        path: '/v1/metrics',
      },
      send: (done) => new OTLPMetricExporter(options).export(nothing, done),
    });
  return Promise.all(collectors.map(checkCollector));
}

const nothing = { resource: resourceFromAttributes({}), scopeMetrics: [] };

async function checkCollector({ check, variable, path, send }: Collector): Promise<Finding> {
  const { ok, error } = findingsOf(check);
  const { code, error: failure } = await new Promise<ExportResult>((resolve) => send(resolve));
  const status = Number(failure !== undefined && 'code' in failure ? failure.code : 0);
  // What it says of an empty export is no matter.
  if (code === ExportResultCode.SUCCESS || status === 400) return ok('the collector takes them');
  if (status === 401 || status === 403)
    return error(`the collector takes nothing (${status})`, {
      variable: 'OTEL_EXPORTER_OTLP_HEADERS',
      mend: 'check the credentials that it wants',
    });
  if (status === 404 || status === 405)
    return error(`the collector takes nothing (${status})`, { variable, mend: mendPath(variable, path) });
  const { words, remedy } = explainFailure(failure, variable, null);
  return error(`the collector takes nothing: ${status > 0 ? `status ${status}` : words}`, remedy);
}

function mendPath(variable: string, path: string): string {
  return variable === shared
    ? `the path ${path} is added to it: write the address before that, or name the whole one by the variable of its own`
    : `write the whole address, which mostly ends with ${path}`;
}
