/** What operators see of the process: how much is logged, and where its metrics, traces and audit log go. variables.ts has the type of a row. Pure. */
import { z } from 'zod';
import { type AuditSettings, auditRules, auditVariables, readAuditSettings } from './audit-settings';
import { readTraceSettings, type TraceSettings, traceRules, traceVariables } from './trace-settings';
import { findAddressProblem } from './web-address';

export const telemetryVariables = [
  {
    name: 'LOG_LEVEL',
    purpose: 'How much is logged: `debug`, `info`, `warn`, `error` or `silent`.',
    example: 'info',
    fallback: 'info',
  },
  {
    name: 'METRICS_PORT',
    purpose: 'Port of `/metrics` for Prometheus, a listener of its own (1 to 65535); never the public one.',
    example: '9464',
    fallback: 'none',
  },
  {
    name: 'METRICS_ADDRESS',
    purpose:
      'IP address at which METRICS_PORT listens: beyond this machine only in a network that you trust.',
    example: '127.0.0.1',
    fallback: '127.0.0.1',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    purpose:
      'Base address of an OpenTelemetry collector that telemetry is pushed to (http/protobuf); the other `OTEL_` variables of the OpenTelemetry SDK count too.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    purpose: 'Address for metrics alone, in place of that one.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    purpose: 'How telemetry is pushed: `http/protobuf`.',
    example: 'http/protobuf',
    fallback: 'http/protobuf',
  },
  ...traceVariables,
  ...auditVariables,
] as const;

// A collector is often another container of the same network.
const collector = z.string().superRefine((value, check) => {
  const problem = findAddressProblem(value, true);
  if (problem !== null) check.addIssue({ code: 'custom', message: problem });
});
const port = z.coerce
  .number('must be a port')
  .int('must be a port')
  .min(1, 'must be a port from 1 to 65535')
  .max(65_535, 'must be a port from 1 to 65535');

export const telemetryRules = {
  LOG_LEVEL: z.enum(
    ['debug', 'info', 'warn', 'error', 'silent'],
    'must be debug, info, warn, error or silent',
  ),
  METRICS_PORT: port.optional(),
  METRICS_ADDRESS: z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address of this host' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.literal('http/protobuf', { error: 'must be http/protobuf' }),
  ...traceRules,
  ...auditRules,
};

export type TelemetrySettings = {
  logLevel: string;
  /** Where Prometheus reads; null: nowhere. */
  metricsAt: { port: number; address: string } | null;
  /** Whether metrics are pushed to a collector: its address and the like are read by the OpenTelemetry SDK. */
  pushesMetrics: boolean;
  metricsCollectorVariable: string;
  traces: TraceSettings;
  audit: AuditSettings;
};

type Values = z.infer<z.ZodObject<typeof telemetryRules>>;

export function readTelemetrySettings(values: Values): TelemetrySettings {
  const { METRICS_PORT: metricsPort, METRICS_ADDRESS: address } = values;
  const own = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';
  const metricsCollectorVariable = values[own] === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : own;
  return {
    logLevel: values.LOG_LEVEL,
    metricsAt: metricsPort === undefined ? null : { port: metricsPort, address },
    pushesMetrics: values[metricsCollectorVariable] !== undefined,
    metricsCollectorVariable,
    traces: readTraceSettings(values),
    audit: readAuditSettings(values),
  };
}
