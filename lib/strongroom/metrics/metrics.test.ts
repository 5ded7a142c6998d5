import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { errorCodes } from '../base/errors';
import { type EventFields, eventNames, type LoggedEvent, onEvent, tellListeners } from '../base/events';
import { logDetail, logEvent } from '../base/log';
import type { Declaration } from '../config/declaration';
import { rejectionStatuses } from '../server/rejection';
import { rejectionReasons } from '../session/loaded-session';
import { useEnvironment as setEnvironment } from '../testing/environment';
import { startMetrics } from './start-metrics';

let stop: () => Promise<unknown> = async () => {};
afterEach(async () => {
  await stop();
  stop = async () => {};
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Running = { origin: string; read: () => Promise<Map<string, number>> };

async function start(
  changes: Record<string, string> = {},
  declaration: Partial<Declaration> = {},
): Promise<Running> {
  const port = await freePort();
  setEnvironment({ METRICS_PORT: String(port), ...changes }, declaration);
  const { close } = await startMetrics();
  stop = close;
  const origin = `http://127.0.0.1:${port}`;
  const read = async () => {
    const lines = (await (await fetch(`${origin}/metrics`)).text()).split('\n');
    const pairs = lines.filter((line) => /^[a-z]/.test(line)).map((line) => line.split(/ (?=\S+$)/));
    return new Map(pairs.map(([series = '', value]) => [series, Number(value)]));
  };
  return { origin, read };
}

const tell = (event: LoggedEvent['event'], fields: EventFields = {}) =>
  tellListeners({ event, level: 'info', fields });

describe('/metrics', () => {
  it('OP-03: has every series of an event with 0 before it happened, and counts it then', async () => {
    const { read } = await start();
    const before = await read();
    for (const event of eventNames)
      expect(before.get(`strongroom_events_total{event="${event}"}`), event).toBe(0);
    logEvent('signed_in');
    logDetail('refresh_saved', { by: 'cache' });
    tell('refresh_failed', { code: 'invalid_response', reason: 'id_token_key' });
    tell('sign_in_rejected', { code: 'access_denied', reason: 'consent_required' });
    tell('session_rejected', { reason: 'idle' });
    tell('request_rejected', { status: 421 });
    tell('request_completed', { status: 200, durationMs: 30 });
    tell('request_completed', { status: 200, durationMs: 100_000, isStream: true });
    const after = await read();
    const grown = [...after].filter(
      ([series, value]) =>
        /_total/.test(series) && series.startsWith('strongroom') && value > (before.get(series) ?? 0),
    );
    expect(Object.fromEntries(grown.filter(([series]) => !series.includes('events')))).toEqual({
      'strongroom_sign_ins_total{result="ok"}': 1,
      'strongroom_refreshes_saved_total{by="cache"}': 1,
      'strongroom_refreshes_total{result="keys"}': 1,
      'strongroom_sign_ins_total{result="access_denied"}': 1,
      'strongroom_sessions_rejected_total{reason="idle"}': 1,
      'strongroom_requests_rejected_total{status="421"}': 1,
      'strongroom_http_requests_total{class="2xx"}': 2,
    });
    expect(after.get('strongroom_http_request_duration_seconds_count')).toBe(1);
    expect(after.get('strongroom_events_total{event="signed_in"}')).toBe(1);
  });

  it.each([
    [{ status: 200 }, 'ok'],
    [{ status: 304 }, 'ok'],
    [{ status: 401 }, 'unauthorized'],
    [{ status: 404 }, 'client_error'],
    [{ status: 429 }, 'rate_limited'],
    [{ status: 503 }, 'server_error'],
    [{ failure: 'timeout' }, 'timeout'],
    [{ failure: 'redirect' }, 'network'],
    [{ failure: 'caller_gone' }, null],
  ])('counts a request to the API with %j as %s', async (fields, outcome) => {
    const { read } = await start();
    tell('api_called', { api: 'main', durationMs: 20, ...fields });
    const counted = [...(await read())].filter(
      ([series, value]) => series.startsWith('strongroom_api_requests_total') && value > 0,
    );
    expect(counted.map(([series]) => series)).toEqual(
      outcome === null ? [] : [`strongroom_api_requests_total{api="main",outcome="${outcome}"}`],
    );
  });

  it('OP-03: has at most 300 series, whatever happens and however many APIs there are', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `api${index}`);
    const apis = names.map((name) => [
      name,
      {
        baseUrl: 'API_BASE_URL',
        ...(name === 'api0' ? {} : { audience: `https://${name}.example`, scopes: [] }),
      },
    ]);
    const { origin } = await start(
      { AUTH_AUDIENCE: 'https://api0.example' },
      { apis: Object.fromEntries(apis) },
    );
    const values = [...errorCodes, ...rejectionReasons, 'anything', '<b>', ''];
    for (const event of eventNames)
      for (const value of values)
        for (const status of [...rejectionStatuses, 0, 99, 200, 599, 1_000])
          tell(event, {
            code: value,
            reason: value,
            by: value,
            api: `api${status % 14}`,
            status,
            durationMs: status,
          });
    const text = await (await fetch(`${origin}/metrics`)).text();
    const series = text.split('\n').filter((line) => /^[a-z]/.test(line));
    expect(series.length).toBeLessThanOrEqual(300);
    expect(series.length).toBeGreaterThan(200);
    expect(text).not.toContain('anything');
  });

  it('says how store, back-off and event loop are', async () => {
    const gauges = await (await start()).read();
    expect(gauges.get('strongroom_store_up')).toBe(1);
    expect(gauges.get('strongroom_store_writable')).toBe(1);
    expect(gauges.get('strongroom_refresh_circuit_open')).toBe(0);
    expect(gauges.get('strongroom_refresh_tokens_waiting')).toBe(0);
    expect(gauges.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('is the only address there, and nothing is sent to it', async () => {
    const { origin } = await start();
    for (const path of ['/', '/metrics/', '/metrics?x', '/healthz', '//metrics'])
      expect((await fetch(origin + path)).status, path).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('HO-02: a request for the name of a stranger is told nothing', async () => {
    const { origin } = await start();
    const ask = (host: string) =>
      new Promise<number>((resolve) =>
        get(`${origin}/metrics`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        }),
      );
    expect([await ask('rebound.example.com'), await ask('app:9464')]).toEqual([421, 200]);
  });

  it('a port that is in use is said in the log, and stops nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    setEnvironment({ METRICS_PORT: String(port) });
    const told: LoggedEvent[] = [];
    onEvent((logged) => told.push(logged));
    const { close } = await startMetrics();
    stop = close;
    expect(told).toMatchObject([
      { event: 'metrics_not_served', level: 'error', fields: { port, causes: 'Error(EADDRINUSE)' } },
    ]);
    other.close();
  });
});
