/**
 * `npm run bench:dpop`: what a call to the API costs more in CPU with DPoP, as one process spends it for requests
 * of a script through the gateway. Both ways run beside each other and take turns, so that they meet the
 * same machine. Reads `/proc`, so it needs Linux.
 */
import { readFileSync } from 'node:fs';
import { HttpBrowser } from '../e2e/support/http-browser.ts';
import { askAsScript } from '../e2e/support/page-script.ts';
import { type StockWorld, startStockWorld } from '../e2e/support/stock-world.ts';
import { readFlags } from './flags.ts';
import { printTable } from './report.ts';

const flags = readFlags({ calls: 500, rounds: 20 }, { calls: 100_000, rounds: 100 });
const atOnce = 10;
const maxMoreMs = 0.4;
/** Linux counts CPU in hundredths of a second. @see proc(5), sysconf(_SC_CLK_TCK) */
const msPerTick = 10;

type Way = { world: StockWorld; browser: HttpBrowser; cpuMs: number[] };

const ways = { bearer: await start('never'), dpop: await start('always') };
// The first round compiles code and counts for nothing.
for (let round = 0; round <= flags.rounds; round += 1)
  for (const way of Object.values(ways)) {
    const before = readCpuMs(way.world.app.pid);
    await call(way);
    if (round > 0) way.cpuMs.push((readCpuMs(way.world.app.pid) - before) / flags.calls);
  }
await Promise.all(Object.values(ways).map(({ world }) => world.close()));
const [bearerMs, dpopMs] = [median(ways.bearer.cpuMs), median(ways.dpop.cpuMs)];
// Of rounds that follow one another: the machine may have other work, which changes more slowly.
const moreMs = median(ways.dpop.cpuMs.map((ms, round) => ms - (ways.bearer.cpuMs[round] ?? 0)));
printTable([
  ['CPU of one call, ms', 'median', 'least'],
  ['bearer token', bearerMs.toFixed(3), Math.min(...ways.bearer.cpuMs).toFixed(3)],
  ['with DPoP', dpopMs.toFixed(3), Math.min(...ways.dpop.cpuMs).toFixed(3)],
  ['more', moreMs.toFixed(3), `at most ${maxMoreMs}: ${moreMs <= maxMoreMs ? 'yes' : 'NO'}`],
]);
process.exit(moreMs <= maxMoreMs ? 0 : 1);

async function start(AUTH_DPOP: string): Promise<Way> {
  const world = await startStockWorld({ env: { AUTH_DPOP, LOG_LEVEL: 'info' } });
  const browser = new HttpBrowser();
  await browser.follow(`${world.appOrigin}/auth/sign-in?return_to=/dashboard/contacts`);
  return { world, browser, cpuMs: [] };
}

async function call({ world, browser }: Way): Promise<void> {
  let left = flags.calls;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const response = await askAsScript({ browser, origin: world.appOrigin }, '/api/gateway/contacts');
      if (response.status !== 200) throw new Error(`The gateway answered ${response.status}.`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** User and system time of a process so far: fields 14 and 15 of its line. */
function readCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
