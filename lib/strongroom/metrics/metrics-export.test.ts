/** Metrics that are sent to a collector. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { logEvent } from '../base/log';
import { useEnvironment as setEnvironment } from '../testing/environment';
import { startTestServer, type TestServer } from '../testing/http-server';
import { startMetrics } from './start-metrics';

describe('a collector', () => {
  let collector: TestServer;
  beforeEach(async () => {
    collector = await startTestServer();
  });
  afterEach(() => collector.close());

  it('is sent the metrics as OTLP, with the headers and the name that the operator set, and the last ones at the end', async () => {
    const received: { headers: Record<string, unknown>; body: string }[] = [];
    collector.handlers['/v1/metrics'] = (request, response, body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    };
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=one',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
    };
    setEnvironment(env);
    try {
      const { close } = await startMetrics();
      logEvent('signed_in');
      await close();
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
    }
    expect(received).toHaveLength(1);
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-tenant': 'one',
    });
    for (const word of ['strongroom_sign_ins', 'service.name', 'staging'])
      expect(received[0]?.body).toContain(word);
  });

  it('that takes nothing is said in the log, by an event of its own', async () => {
    collector.handlers['/v1/metrics'] = (_request, response) => response.writeHead(400).end();
    setEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin });
    const told: LoggedEvent[] = [];
    onEvent((logged) => told.push(logged));
    await (await startMetrics()).close().catch(() => {});
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    expect(told).toMatchObject([{ event: 'metrics_not_exported', level: 'error' }]);
  });
});
