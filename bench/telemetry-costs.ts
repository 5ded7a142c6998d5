/**
 * What telemetry costs by itself: the CPU of one event or span, told a hundred thousand times in this process, and how
 * much of a page view that is. On a busy machine this is steadier than two applications beside each other. What
 * spans cost includes their export to a collector in another process.
 */
import '../scripts/typescript-sources.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../scripts/ports.ts';
import { printTable } from './report.ts';

const rounds = 9;
const [{ logDetail, logEvent, setLogLevel }, { inSpan, switchTracing }, { useEnvironment }] =
  await Promise.all([
    import('../lib/strongroom/base/log.ts'),
    import('../lib/strongroom/base/span.ts'),
    import('../lib/strongroom/testing/environment.ts'),
  ]);

/** A page view whose tokens are fresh: what e2e/flow/traces.test.ts and the log at the level `debug` have of one. */
const spansOfPage = 4;
function tellPageView(): void {
  logDetail('api_called', { api: 'main', status: 200, durationMs: 12 });
  logDetail('request_completed', { status: 200, durationMs: 30, isStream: false });
}
const tellSignIn = () => logEvent('signed_in', { userPseudonym: 'k2Jx', scopes: 'openid', isStepUp: false });

/**
 * @param pageMs CPU of one page view
 * @param tracedShare of the requests
 * @returns how much of a page view each takes
 */
export async function printTelemetryCosts(
  pageMs: number,
  tracedShare: number,
): Promise<Record<'metrics' | 'audit' | 'traces', number>> {
  const costs = await measureAll();
  const share = (micros: number) => `${((micros / 1000 / pageMs) * 100).toFixed(3)} %`;
  const traced = (ratio: number) => spansOfPage * (costs.span * ratio + costs.unsampled * (1 - ratio));
  printTable([
    ['by itself', 'CPU, µs', 'of a page view'],
    ['metrics: the events of a page view', costs.counted.toFixed(2), share(costs.counted)],
    ['metrics: one reading of /metrics', costs.read.toFixed(2), '(four a minute)'],
    ['audit log: looking at these events', costs.passed.toFixed(2), share(costs.passed)],
    ['audit log: a record, as of a sign-in', costs.recorded.toFixed(2), '(a page view has none)'],
    ...[1, 0.1, 0.03].map((ratio) => [
      `traces: ${spansOfPage} spans, of ${ratio * 100} % of the requests`,
      traced(ratio).toFixed(2),
      share(traced(ratio)),
    ]),
  ]);
  const pageMicros = pageMs * 1000;
  return {
    metrics: costs.counted / pageMicros,
    audit: costs.passed / pageMicros,
    traces: traced(tracedShare) / pageMicros,
  };
}

async function measureAll() {
  const start = (env: Record<string, string> = {}) => {
    useEnvironment(env);
    setLogLevel('silent');
  };
  start();
  const silent = await costOf(async () => tellPageView());
  const silentSignIn = await costOf(async () => tellSignIn());
  const [port = 0] = await findFreePorts(1);
  start({ METRICS_PORT: String(port) });
  const { startMetrics } = await import('../lib/strongroom/metrics/start-metrics.ts');
  const { close } = await startMetrics();
  const counted = (await costOf(async () => tellPageView())) - silent;
  const read = await costOf(async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), 20);
  await close();
  start();
  const { passed, recorded } = await measureAudit();
  start();
  const spans = await measureSpans();
  return { counted, read, passed: passed - silent, recorded: recorded - silentSignIn, ...spans };
}

async function measureAudit() {
  const { startAuditLog, endAuditLog } = await import('../lib/strongroom/audit/audit-log.ts');
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  const destination = { kind: 'file' as const, path: join(folder, 'audit.jsonl') };
  await startAuditLog({ destination, hasSubjects: false, addresses: 'whole' }, (address) => address);
  const passed = await costOf(async () => tellPageView());
  // As many as are delivered meanwhile: what finds no place would cost less.
  const recorded = await costOf(async () => tellSignIn(), 4_000, 300);
  await endAuditLog();
  rmSync(folder, { recursive: true });
  return { passed, recorded };
}

const collectorSource = `require('node:http').createServer((request, response) =>
  request.resume().on('end', () => response.end())).listen(0, '127.0.0.1', function () {
    console.log(this.address().port);
  });`;

async function measureSpans() {
  const collector = spawn(process.execPath, ['-e', collectorSource], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(collector.stdout, 'data');
  process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `http://127.0.0.1:${String(port).trim()}/v1/traces`;
  const { registerTraceProvider } = await import('../lib/strongroom/tracing/trace-provider.ts');
  const api = await import('@opentelemetry/api');
  const step = { name: 'API GET', isRequest: true, attributes: { 'http.request.method': 'GET' } };
  const record = () => inSpan(step, async (note) => note({ 'http.response.status_code': 200 }));
  const plain = await costOf(record);
  const measureAt = async (sampledShare: number, calls: number, waitMs: number) => {
    const provider = registerTraceProvider({ sampledShare, hasNext: false });
    switchTracing(true);
    const cost = await costOf(record, calls, waitMs);
    await provider.shutdown();
    for (const part of [api.trace, api.context, api.propagation]) part.disable();
    switchTracing(false);
    return cost - plain;
  };
  // As many as find a place until they are exported.
  const span = await measureAt(1, 2_000, 1_500);
  const unsampled = await measureAt(0, 50_000, 0);
  collector.kill();
  return { span, unsampled };
}

/**
 * The median of several rounds, of which the first compiles.
 * @param waitMs until what waits is delivered, which is part of the cost
 * @returns CPU of one call, in microseconds
 */
async function costOf(work: () => Promise<unknown>, calls = 100_000, waitMs = 0): Promise<number> {
  const measured: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage();
    for (let call = 0; call < calls; call += 1) await work();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const { user, system } = process.cpuUsage(before);
    if (round > 0) measured.push((user + system) / calls);
  }
  return measured.toSorted((a, b) => a - b)[Math.floor(measured.length / 2)] ?? 0;
}
