/**
 * `npm run bench:stampede`: many people, each with many requests at once that carry the same expired access token, and some that come up to 20
 * seconds late with the old cookie. The authorization server rotates strictly: one refresh too many would sign its person out.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { HttpBrowser } from '../e2e/support/http-browser.ts';
import { expireAccessToken } from '../e2e/support/seals.ts';
import { startTestCluster, startTestStack, type TestStack } from '../e2e/support/test-stack.ts';
import { readFlags } from './flags.ts';
import {
  type BenchUser,
  contactsPath,
  isAskedToSignIn,
  isSwapped,
  readContacts,
  signInPeople,
} from './people.ts';
import { countRejections, listTroubles, percentile, printTable } from './report.ts';

const flags = readFlags(
  { users: 20, requests: 50, rounds: 10, instances: 2 },
  { users: 200, requests: 200, rounds: 100, instances: 8 },
);
/** Bursts, and the look at the end. */
const expiries = flags.users * (flags.rounds + 1);
const lateEach = 5;
const latestSec = 20;
/** So many people burst at the same moment: all requests of one are under way together, and sockets stay bounded. */
const peopleAtOnce = Math.max(1, Math.floor(200 / flags.requests));

/** A person, and the cookie that their browser had a round ago: its refresh token is two rotations old by now. */
type Bencher = BenchUser & { former: HttpBrowser | null };
type Tally = {
  redirects: number;
  swapped: number;
  unusable: number;
  lost: number;
  late: number;
  burstsMs: number[];
};
type Result = Tally & { instances: number; refreshes: number; rejections: number; troubles: string[] };

const results: Result[] = [];
for (const instances of [...new Set([1, flags.instances])]) results.push(await measure(instances));
report(results);
process.exit(results.every(isReached) ? 0 : 1);

async function measure(instances: number): Promise<Result> {
  const env = { SAMPLE_EXTRA_ACCOUNTS: String(flags.users) };
  const stack = await (instances === 1 ? startTestStack(env) : startTestCluster(env, instances));
  try {
    console.log(
      `\n${instances} ${instances === 1 ? 'instance, memory' : 'instances, Redis'}: ${flags.users} people sign in …`,
    );
    const people = (await signInPeople(stack, flags.users)).map(
      (person): Bencher => ({ ...person, former: null }),
    );
    const tally: Tally = { redirects: 0, swapped: 0, unusable: 0, lost: 0, late: 0, burstsMs: [] };
    const late: Promise<void>[] = [];
    for (let round = 1; round <= flags.rounds; round += 1) {
      late.push(...(await playRound(stack, people, tally)));
      const { length } = stack.appEvents('tokens_refreshed');
      console.log(
        `  round ${round}: ${length} refreshes, ${tally.redirects} redirects, burst ${percentile(tally.burstsMs, 0.5)} ms`,
      );
    }
    await Promise.all(late);
    // Everybody's newest cookie still opens the page: one expiry more for each.
    for (const person of people) {
      await expireAccessToken(stack, person.browser);
      await visit(stack, person, { browser: person.browser, tally });
    }
    return {
      ...tally,
      instances,
      refreshes: stack.appEvents('tokens_refreshed').length,
      rejections: countRejections(stack),
      troubles: listTroubles(stack),
    };
  } finally {
    await stack.close();
  }
}

/** Everybody's burst. @returns the late arrivals, which go on while the next rounds are played */
async function playRound(stack: TestStack, people: Bencher[], tally: Tally): Promise<Promise<void>[]> {
  const late: Promise<void>[] = [];
  for (let start = 0; start < people.length; start += peopleAtOnce) {
    const group = people.slice(start, start + peopleAtOnce);
    // The cookie says that its access token has expired: nobody has to wait for it.
    await Promise.all(group.map(({ browser }) => expireAccessToken(stack, browser)));
    const olds = group.map(({ browser }) => browser.copy());
    const startedMs = performance.now();
    await Promise.all(group.map((person) => burst(stack, person, tally)));
    tally.burstsMs.push(performance.now() - startedMs);
    for (const [index, person] of group.entries()) {
      if (person.former !== null) late.push(arriveLate(stack, person, { old: person.former, tally }));
      person.former = olds[index] ?? null;
      for (let count = 0; count < lateEach; count += 1)
        late.push(arriveLate(stack, person, { old: olds[index] ?? new HttpBrowser(), tally }));
    }
  }
  return late;
}

async function burst(stack: TestStack, person: BenchUser, tally: Tally): Promise<void> {
  const copies = Array.from({ length: flags.requests }, () => person.browser.copy());
  await Promise.all(copies.map((copy) => visit(stack, person, { browser: copy, tally })));
  // Any one of the answers is the browser's cookie from now on.
  person.browser = copies[Math.floor(Math.random() * copies.length)] ?? person.browser;
}

async function arriveLate(
  stack: TestStack,
  person: BenchUser,
  { old, tally }: { old: HttpBrowser; tally: Tally },
): Promise<void> {
  await pause((1 + Math.random() * (latestSec - 1)) * 1000);
  tally.late += 1;
  await visit(stack, person, { browser: old.copy(), tally });
}

async function visit(
  stack: TestStack,
  person: BenchUser,
  { browser, tally }: { browser: HttpBrowser; tally: Tally },
): Promise<void> {
  const page = await browser.visit(stack.appOrigin + contactsPath);
  if (isAskedToSignIn(page)) tally.lost += 1;
  if (page.hops.length > 1) tally.redirects += 1;
  if (isSwapped(page, person)) tally.swapped += 1;
  if (page.status !== 200 || readContacts(page) === '') tally.unusable += 1;
}

function isReached(result: Result): boolean {
  const { rejections, redirects, lost, swapped, unusable } = result;
  return result.refreshes === expiries && rejections + redirects + lost + swapped + unusable === 0;
}

function report(all: readonly Result[]): void {
  console.log(
    `\n${flags.users} people × ${flags.requests} requests × ${flags.rounds} rounds, and late ones each, 1 to ${latestSec} s after the rotation: ${lateEach} with the cookie of before, one with that of the round before`,
  );
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
    line(`burst of ${peopleAtOnce * flags.requests}, median ms`, ({ burstsMs }) => percentile(burstsMs, 0.5)),
    line('slowest ms', ({ burstsMs }) => percentile(burstsMs, 1)),
    line('reached', (result) => (isReached(result) ? 'yes' : 'NO')),
  ]);
  for (const { instances, troubles } of all)
    if (troubles.length > 0) console.log(`with ${instances}: ${troubles.join(', ')}`);
}
