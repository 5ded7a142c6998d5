import { expect, it } from 'vitest';
import { useEnvironment as setEnvironment } from '../testing/environment';
import { getConfig } from './config';
import { describeTelemetry } from './start-up';

it.each([
  [{}, { metrics: 'off', traces: 'off', auditLog: 'off' }],
  [
    { METRICS_PORT: '9464', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', AUDIT_LOG: 'stdout' },
    { metrics: 'port 9464, collector', traces: '10 % of the requests', auditLog: 'stdout' },
  ],
  [
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/?key=a', OTEL_TRACES_SAMPLER_ARG: '0.07' },
    { metrics: 'off', traces: '7 % of the requests', auditLog: 'off' },
  ],
])('OP-03: the line of the start says which telemetry is on, and no address: %j', (env, expected) => {
  setEnvironment(env);
  expect(describeTelemetry(getConfig())).toEqual(expected);
});
