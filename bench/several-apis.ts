/**
 * `npm run bench:stampede -- --apis 3`: three APIs, one session. Many requests at once, each for one API, when all
 * access tokens have expired. The authorization server rotates strictly: each API may cost one refresh, and a
 * refresh token that is sent twice would sign its user out. Started by stampede.ts, in the copy of apis-copy.ts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpBrowser, Page } from '../e2e/support/http-browser.ts';
import { startTestCluster, type TestStack } from '../e2e/support/test-stack.ts';
import { findFreePorts } from '../scripts/ports.ts';
import { readFlags } from './flags.ts';
import { countRejections, listTroubles, percentile, printTable } from './report.ts';
import { type BenchUser, signInUsers } from './users.ts';

const flags = readFlags(
  { users: 3, requests: 50, rounds: 10, instances: 2, apis: 3 },
  { users: 50, requests: 200, rounds: 100, instances: 8, apis: 3 },
);
/** Long enough for a burst and its late arrivals. */
const tokenSec = 25;
const lateEach = 2;
const latestSec = 8;

const attendee = 'attendee=somebody%40elsewhere.example';
/** One address for each API, below the gateway. */
const addresses = ['contacts?page=1', `events?${attendee}`, `rooms?${attendee}`].slice(0, flags.apis);

type Tally = { failed: string[]; lost: number; swapped: number; late: number; burstsMs: number[] };
/** What each API said to a user first: it says the same to nobody else. */
type Bencher = BenchUser & { first: Map<string, string> };

const tally: Tally = { failed: [], lost: 0, swapped: 0, late: 0, burstsMs: [] };
const [second = 0] = await findFreePorts(1);
const rooms = `http://127.0.0.1:${second}`;
const stack = await startTestCluster(
  {
    SAMPLE_EXTRA_ACCOUNTS: String(flags.users),
    SAMPLE_ACCESS_TOKEN_SEC: String(tokenSec),
    SAMPLE_API_REQUESTS_PER_MINUTE: '1000000',
    SAMPLE_SECOND_CALENDAR_PORT: String(second),
    ROOMS_BASE_URL: rooms,
    ROOMS_AUDIENCE: rooms,
  },
  flags.instances,
);
try {
  const users = (await signInUsers(stack, flags.users)).map(
    (user): Bencher => ({ ...user, first: new Map() }),
  );
  // Each API is needed for the first time.
  for (const user of users) for (const address of addresses) await ask(user, user.browser, address);
  const perRound: number[] = [];
  for (let round = 1; round <= flags.rounds; round += 1) perRound.push(await playRound(users, round));
  report(perRound);
  process.exitCode = perRound.every((count) => count === flags.apis * flags.users) && isClean() ? 0 : 1;
} finally {
  await stack.close();
}

/** @returns how many refreshes it cost */
async function playRound(users: Bencher[], round: number): Promise<number> {
  await pause((tokenSec + 1) * 1000);
  const before = countRefreshes();
  const olds = users.map(({ browser }) => browser.copy());
  const late = users.flatMap((user, index) => (olds[index] ? arriveLate(user, olds[index]) : []));
  const startedMs = performance.now();
  await Promise.all(users.map(burst));
  tally.burstsMs.push(performance.now() - startedMs);
  await Promise.all(late);
  const count = countRefreshes() - before;
  console.log(`  round ${round}: ${count} refreshes, burst ${percentile(tally.burstsMs.slice(-1), 0.5)} ms`);
  return count;
}

async function burst(user: Bencher): Promise<void> {
  const asked = addresses.flatMap((address) => Array.from({ length: flags.requests }, () => address));
  const copies = await Promise.all(
    asked.map(async (address) => {
      const copy = user.browser.copy();
      await ask(user, copy, address);
      return copy;
    }),
  );
  // The browser keeps the cookie of any one of the responses.
  user.browser = copies[Math.floor(Math.random() * copies.length)] ?? user.browser;
}

function arriveLate(user: Bencher, old: HttpBrowser): Promise<void>[] {
  return addresses.flatMap((address) =>
    Array.from({ length: lateEach }, async () => {
      await pause((1 + Math.random() * (latestSec - 1)) * 1000);
      tally.late += 1;
      await ask(user, old.copy(), address);
    }),
  );
}

async function ask(user: Bencher, browser: HttpBrowser, address: string): Promise<void> {
  const headers = { 'x-strongroom': '1', accept: 'application/json' };
  const page = await browser.follow(`${stack.appOrigin}/api/gateway/${address}`, { headers });
  if (page.status === 401) tally.lost += 1;
  if (page.status !== 200) tally.failed.push(`${page.status} ${explain(page)}`);
  const first = user.first.get(address);
  if (first === undefined) user.first.set(address, page.html);
  else if (page.status === 200 && first !== page.html) tally.swapped += 1;
}

function explain({ html }: Page): string {
  return /"code":"(\w+)"/.exec(html)?.[1] ?? '';
}

function countRefreshes(): number {
  return stack.appEvents('tokens_refreshed').length;
}

/** By the log of the APIs: each rejects a token for another audience. */
function countWrongTokens({ lines }: TestStack): number {
  return lines.filter(({ server, line }) => server === 'API' && line.includes('"code":"invalid_token"'))
    .length;
}

function isClean(): boolean {
  const { failed, lost, swapped } = tally;
  return failed.length + lost + swapped + countRejections(stack) + countWrongTokens(stack) === 0;
}

function report(perRound: readonly number[]): void {
  const { users, requests, apis, rounds, instances } = flags;
  console.log(
    `\n${apis} APIs × ${requests} requests × ${rounds} rounds for each of ${users} users, ${instances} instances, Redis, DPoP; late ones with the cookie of before, up to ${latestSec} s`,
  );
  printTable([
    ['refreshes a round, for each user', [...new Set(perRound.map((count) => count / users))].join(' ')],
    ['refresh tokens sent twice', String(countRejections(stack))],
    ['tokens at the wrong API', String(countWrongTokens(stack))],
    ['sessions lost', String(tally.lost)],
    ['other responses', [...new Set(tally.failed)].join(', ') || '0'],
    ['swapped identities', String(tally.swapped)],
    ['late arrivals', String(tally.late)],
    [`burst of ${users * apis * requests}, median ms`, String(percentile(tally.burstsMs, 0.5))],
  ]);
  const troubles = listTroubles(stack);
  if (troubles.length > 0) console.log(troubles.join(', '));
}
