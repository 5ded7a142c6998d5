/** What a stampede counts, whether that is what was promised, and its table. Pure but for printing. */
import { percentile, printTable } from './report.ts';

export type Tally = {
  redirects: number;
  swapped: number;
  unusable: number;
  lost: number;
  late: number;
  burstsMs: number[];
  failovers: number;
  isFailingOver: boolean;
  downMs: number[];
  /** Pages that had to do without data during a fail-over: their users stayed signed in. */
  withoutData: number;
  lostRevocations: number;
};
export type Result = Tally & { instances: number; refreshes: number; rejections: number; troubles: string[] };

export function createTally(): Tally {
  const pages = { redirects: 0, swapped: 0, unusable: 0, lost: 0, late: 0, burstsMs: [] };
  const ofRedis = { failovers: 0, isFailingOver: false, downMs: [], withoutData: 0, lostRevocations: 0 };
  return { ...pages, ...ofRedis };
}

/** What expired while Redis was away may be refreshed together with a later expiry. */
export function isReached(result: Result, expiries: number): boolean {
  const { rejections, redirects, lost, swapped, unusable, lostRevocations, failovers } = result;
  const areRefreshesRight = failovers > 0 ? result.refreshes <= expiries : result.refreshes === expiries;
  return areRefreshesRight && rejections + redirects + lost + swapped + unusable + lostRevocations === 0;
}

type Setting = { title: string; expiries: number; burst: number; isFailingOver: boolean };

export function report(all: readonly Result[], { title, expiries, burst, isFailingOver }: Setting): void {
  console.log(`\n${title}`);
  const perExpiry = ({ refreshes }: Result) => (refreshes / expiries).toFixed(2);
  const line = (name: string, read: (result: Result) => string | number) => [
    name,
    ...all.map((result) => String(read(result))),
  ];
  printTable([
    line('', ({ instances }) => `${instances} ${instances === 1 ? 'instance' : 'instances'}`),
    line('refreshes per expiry', perExpiry),
    line('invalid_grant', ({ rejections }) => rejections),
    line('redirects', ({ redirects }) => redirects),
    line('sessions lost', ({ lost }) => lost),
    line('swapped identities', ({ swapped }) => swapped),
    line('pages without data', ({ unusable }) => unusable),
    line('late arrivals', ({ late }) => late),
    line(`burst of ${burst}, median ms`, ({ burstsMs }) => percentile(burstsMs, 0.5)),
    line('slowest ms', ({ burstsMs }) => percentile(burstsMs, 1)),
    ...(isFailingOver ? linesOfFailOvers(line) : []),
    line('reached', (result) => (isReached(result, expiries) ? 'yes' : 'NO')),
  ]);
  for (const { instances, troubles } of all)
    if (troubles.length > 0) console.log(`with ${instances}: ${troubles.join(', ')}`);
}

function linesOfFailOvers(line: (name: string, read: (result: Result) => string | number) => string[]) {
  return [
    line('fail-overs', ({ failovers }) => failovers),
    line('fail-over, median ms', ({ downMs }) => percentile(downMs, 0.5)),
    line('pages without data meanwhile', ({ withoutData }) => withoutData),
    line('confirmed revocations lost', ({ lostRevocations }) => lostRevocations),
  ];
}
