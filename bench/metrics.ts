/**
 * `npm run bench:metrics`: what metrics cost in CPU, for pages and for requests of a script through the gateway. Two
 * applications run beside each other, one of them with metrics that are read as often as Prometheus does; they take
 * turns, and each pair of turns meets the same machine. `MEASURE=audit` and `MEASURE=traces` measure the audit log and
 * traces in their place, at a collector in this process; `OTEL_TRACES_SAMPLER_ARG` and `TRACE_NEXT` count. Then it prints
 * what they cost by themselves (telemetry-costs.ts). `MEASURE=binding` measures a session that is bound to its device.
 * Reads `/proc`, so it needs Linux.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { DeviceKey } from '../e2e/support/device-key.ts';
import { HttpBrowser } from '../e2e/support/http-browser.ts';
import { askAsScript } from '../e2e/support/page-script.ts';
import { type StockWorld, startStockWorld } from '../e2e/support/stock-world.ts';
import { startTraceReceiver } from '../e2e/support/trace-receiver.ts';
import { findFreePorts } from '../scripts/ports.ts';
import { readFlags } from './flags.ts';
import { printTable } from './report.ts';
import { printTelemetryCosts } from './telemetry-costs.ts';

const flags = readFlags({ requests: 200, pairs: 100 }, { requests: 100_000, pairs: 10_000 });
const atOnce = 10;
const scrapeMs = 15_000;

type Way = { world: StockWorld; browser: HttpBrowser; device: DeviceKey };

const [port = 0] = await findFreePorts(1);
const collector = await startTraceReceiver();
const maxShares = { telemetry: 0.01, binding: 0.02 };
const tracedShare = process.env.OTEL_TRACES_SAMPLER_ARG ?? '0.1';
const subjects = {
  metrics: { env: { METRICS_PORT: String(port) } },
  audit: { env: { AUDIT_LOG: `${collector.origin}/audit` } },
  traces: {
    env: {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.origin}/v1/traces`,
      OTEL_TRACES_SAMPLER_ARG: tracedShare,
      TRACE_NEXT: process.env.TRACE_NEXT ?? 'off',
    },
  },
  binding: { env: { SESSION_BINDING: 'offer' } },
} as const;
const names = ['metrics', 'audit', 'traces', 'binding'] as const;
const subject = names.find((name) => name === process.env.MEASURE) ?? 'metrics';
const { env: measuredEnv } = subjects[subject];
const [without, measured] = [await start({ SESSION_BINDING: 'off' }), await start(measuredEnv)];
let scrapedMs = performance.now();
const pairs: { withoutMs: number; measuredMs: number }[] = [];
// The first pairs compile code and count for nothing.
for (let pair = -3; pair < flags.pairs; pair += 1) {
  const isFirst = pair % 2 === 0;
  const early = isFirst ? await measureOnce(without) : await measureOnce(measured);
  const late = isFirst ? await measureOnce(measured) : await measureOnce(without);
  const [withoutMs, measuredMs] = isFirst ? [early, late] : [late, early];
  if (pair >= 0) pairs.push({ withoutMs, measuredMs });
}
await Promise.all([without.world.close(), measured.world.close(), collector.close()]);
const shares = pairs.map((pair) => pair.measuredMs / pair.withoutMs - 1);
const column = (values: readonly number[]) => [0.25, 0.5, 0.75].map((at) => quantile(values, at).toFixed(3));
const asPercent = (value: number) => `${(value * 100).toFixed(2)} %`;
printTable([
  ['CPU of one request, ms', 'first quartile', 'median', 'third quartile'],
  [`without ${subject}`, ...column(pairs.map((pair) => pair.withoutMs))],
  [`with ${subject}`, ...column(pairs.map((pair) => pair.measuredMs))],
  ['more, of each pair', ...[0.25, 0.5, 0.75].map((at) => asPercent(quantile(shares, at)))],
]);
const requestMs = quantile(
  pairs.map((pair) => pair.withoutMs),
  0.5,
);
const isBinding = subject === 'binding';
// Of binding the pairs alone decide.
const share = isBinding
  ? quantile(shares, 0.5)
  : (await printTelemetryCosts(requestMs, Number(tracedShare)))[subject];
const maxShare = isBinding ? maxShares.binding : maxShares.telemetry;
const isGood = share <= maxShare;
console.log(`${subject}: at most ${asPercent(maxShare)} of a page view: ${isGood ? 'yes' : 'NO'}`);
process.exit(isGood ? 0 : 1);

async function start(env: Record<string, string>): Promise<Way> {
  // Sessions are bound over https alone.
  const isHttps = subject === 'binding';
  const world = await startStockWorld({ env: { LOG_LEVEL: 'info', ...env }, isHttps });
  const browser = new HttpBrowser();
  const signIn = `${world.appOrigin}/auth/sign-in?return_to=/dashboard/contacts`;
  const { responses } = await browser.follow(signIn, { stopAtCallback: true });
  const callback = (responses.at(-1)?.location ?? '').replace('https:', 'http:');
  const { headers } = await browser.visit(callback, { maxRedirects: 0 });
  const device = new DeviceKey(world.appOrigin);
  const offer = headers.get('secure-session-registration');
  if (offer !== null) await device.register(browser, offer);
  return { world, browser, device };
}

/** @returns CPU of one request, in milliseconds */
async function measureOnce({ world, browser, device }: Way): Promise<number> {
  const before = readCpuMs(world.app.pid);
  await device.keepFresh(browser);
  let left = flags.requests;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const isPage = left % 2 === 0;
      const { status } = isPage
        ? await browser.visit(`${world.appOrigin}/dashboard/contacts`)
        : await callGateway({ world, browser });
      if (status !== 200) throw new Error(`The application answered ${status}.`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  if (world === measured.world && performance.now() - scrapedMs > scrapeMs) await scrape();
  return (readCpuMs(world.app.pid) - before) / flags.requests;
}

async function callGateway({ world, browser }: Omit<Way, 'device'>): Promise<Response> {
  const response = await askAsScript({ browser, origin: world.appOrigin }, '/api/gateway/contacts');
  await response.arrayBuffer();
  return response;
}

async function scrape(): Promise<void> {
  scrapedMs = performance.now();
  if (subject !== 'metrics') return;
  await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

/** Of all its threads so far. @see Linux, Documentation/scheduler/sched-stats.rst: nanoseconds on a processor */
function readCpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) =>
    readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'),
  );
  return tasks.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0) / 1e6;
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * at)] ?? 0;
}
