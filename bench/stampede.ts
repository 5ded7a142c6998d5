/**
 * `npm run bench:stampede`: many users, each with many requests at once that carry the same expired access
 * token, and some that come up to 20 seconds late with the old cookie. The authorization server rotates
 * strictly: one refresh too many would sign its user out. With `--apis 3`, see several-apis.ts. With
 * `--redis sentinel` or `--redis cluster`, a primary of Redis is killed in every third round
 * (`--failovers 1`: in every round), and another takes its place. With `--binding on`, every session is bound to a
 * key of its user, and renews in the middle of each burst.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { boundCookieShape } from '../e2e/support/device-key.ts';
import { HttpBrowser } from '../e2e/support/http-browser.ts';
import { expireAccessToken } from '../e2e/support/seals.ts';
import { startTestCluster, startTestStack, type TestStack } from '../e2e/support/test-stack.ts';
import { startBehindTls } from '../e2e/support/tls-stack.ts';
import type { RedisGroup } from '../scripts/redis-group.ts';
import { buildCopy } from './apis-copy.ts';
import { failOverDuring, redisKinds, startGroup } from './fail-over.ts';
import { readFlags, takeChoice } from './flags.ts';
import { countRejections, listTroubles, percentile } from './report.ts';
import { createTally, isReached, type Result, report, type Tally } from './stampede-report.ts';
import {
  type BenchUser,
  contactsPath,
  isAskedToSignIn,
  isSwapped,
  readContacts,
  signInUsers,
} from './users.ts';

if (process.argv.includes('--apis')) await runInCopyWithApis();

const binding = takeChoice('binding', ['off', 'on']);
const redisKind = takeChoice('redis', redisKinds);
const flags = readFlags(
  { users: 20, requests: 50, rounds: 10, instances: 2, failovers: 3 },
  { users: 200, requests: 200, rounds: 100, instances: 8, failovers: 100 },
);
/** One expiry for each burst, and one for the last page of each user. */
const expiries = flags.users * (flags.rounds + 1);
/** At most 200 accounts are there: one user signs out in each of these. */
const failOverCount = Math.floor(flags.rounds / flags.failovers);
const lateEach = 5;
const latestSec = 20;
/** All requests of one user are under way together, and the number of sockets stays bounded. */
const usersAtOnce = Math.max(1, Math.floor(200 / flags.requests));

/** A user, and their cookie of a round ago, whose refresh token is two rotations old by now. */
type Bencher = BenchUser & { former: HttpBrowser | null };

const results: Result[] = [];
const group = await startGroup(redisKind);
const sizes = group === null ? new Set([1, flags.instances]) : [flags.instances];
try {
  for (const instances of sizes) results.push(await measure(instances));
} finally {
  await group?.close();
}
const title = `${flags.users} users × ${flags.requests} requests × ${flags.rounds} rounds, and late ones each, 1 to ${latestSec} s after the rotation: ${lateEach} with the cookie of before, one with that of the round before`;
report(results, { title, expiries, burst: usersAtOnce * flags.requests, isFailingOver: group !== null });
process.exit(results.every((result) => isReached(result, expiries)) ? 0 : 1);

/** Another declaration is another build. */
async function runInCopyWithApis(): Promise<never> {
  const copy = await buildCopy();
  const args = ['bench/several-apis.ts', ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { cwd: copy, stdio: 'inherit' });
  rmSync(copy, { recursive: true, force: true });
  process.exit(status ?? 1);
}

async function measure(instances: number): Promise<Result> {
  const env = {
    SAMPLE_EXTRA_ACCOUNTS: String(flags.users + (group === null ? 0 : failOverCount)),
    ...(group === null ? {} : { REDIS_URL: group.url }),
  };
  const start = (more: Record<string, string>) =>
    instances === 1 ? startTestStack({ ...env, ...more }) : startTestCluster({ ...env, ...more }, instances);
  const stack = await (binding === 'on' ? startBehindTls(start) : start({}));
  try {
    console.log(
      `\n${instances} ${instances === 1 ? 'instance, memory' : `instances, Redis (${redisKind})`}: ${flags.users} users sign in …`,
    );
    const users = (await signInUsers(stack, flags.users)).map((user): Bencher => ({ ...user, former: null }));
    const tally = createTally();
    const late: Promise<void>[] = [];
    for (let round = 1; round <= flags.rounds; round += 1) {
      if (group === null || round % flags.failovers !== 0)
        late.push(...(await playRound(stack, users, tally)));
      else late.push(...(await playWithFailOver({ stack, group }, users, tally)));
      const { length } = stack.appEvents('tokens_refreshed');
      console.log(
        `  round ${round}: ${length} refreshes, ${tally.redirects} redirects, burst ${percentile(tally.burstsMs, 0.5)} ms`,
      );
    }
    await Promise.all(late);
    // The newest cookie of each user must still open the page.
    for (const user of users) {
      await expireAccessToken(stack, user.browser);
      await visit(stack, user, { browser: user.browser, tally });
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

async function playWithFailOver(
  { stack, group }: { stack: TestStack; group: RedisGroup },
  users: Bencher[],
  tally: Tally,
): Promise<Promise<void>[]> {
  const late: Promise<void>[] = [];
  tally.failovers += 1;
  const [leaving] = await signInUsers(stack, 1, flags.users + tally.failovers);
  if (leaving === undefined) throw new Error('No user can sign out.');
  tally.isFailingOver = true;
  const { lostRevocations, downMs } = await failOverDuring({ stack, group }, leaving.browser, async () => {
    late.push(...(await playRound(stack, users, tally)));
  });
  tally.isFailingOver = false;
  tally.downMs.push(downMs);
  tally.lostRevocations += lostRevocations;
  return late;
}

/** The bursts of all users. @returns the late arrivals, which go on while the next rounds are played */
async function playRound(stack: TestStack, users: Bencher[], tally: Tally): Promise<Promise<void>[]> {
  const late: Promise<void>[] = [];
  for (let start = 0; start < users.length; start += usersAtOnce) {
    const group = users.slice(start, start + usersAtOnce);
    // The cookie says that its access token has expired, so the bench need not wait until it has.
    await Promise.all(group.map(({ browser }) => expireAccessToken(stack, browser)));
    const olds = group.map(({ browser }) => browser.copy());
    const startedMs = performance.now();
    await Promise.all(group.map((user) => burst(stack, user, tally)));
    tally.burstsMs.push(performance.now() - startedMs);
    for (const [index, user] of group.entries()) {
      if (user.former !== null) late.push(arriveLate(stack, user, { old: user.former, tally }));
      user.former = olds[index] ?? null;
      for (let count = 0; count < lateEach; count += 1)
        late.push(arriveLate(stack, user, { old: olds[index] ?? new HttpBrowser(), tally }));
    }
  }
  return late;
}

async function burst(stack: TestStack, user: BenchUser, tally: Tally): Promise<void> {
  const copies = Array.from({ length: flags.requests }, () => user.browser.copy());
  const renewing = user.browser.copy();
  const visits = copies.map((copy) => visit(stack, user, { browser: copy, tally }));
  await Promise.all([...visits, renew(user, renewing)]);
  // The browser keeps the cookie of any one of the responses.
  user.browser = copies[Math.floor(Math.random() * copies.length)] ?? user.browser;
  for (const [name, cookie] of renewing.cookies(stack.appOrigin))
    if (boundCookieShape.test(name)) user.browser.cookies(stack.appOrigin).set(name, cookie);
}

async function renew({ device, email }: BenchUser, browser: HttpBrowser): Promise<void> {
  const page = await device?.renew(browser);
  if (page !== undefined && page.status !== 200)
    throw new Error(`The renewal for ${email} was answered with ${page.status}: ${page.html}`);
}

async function arriveLate(
  stack: TestStack,
  user: BenchUser,
  { old, tally }: { old: HttpBrowser; tally: Tally },
): Promise<void> {
  await pause((1 + Math.random() * (latestSec - 1)) * 1000);
  tally.late += 1;
  await visit(stack, user, { browser: old.copy(), tally });
}

async function visit(
  stack: TestStack,
  user: BenchUser,
  { browser, tally }: { browser: HttpBrowser; tally: Tally },
): Promise<void> {
  const wasFailingOver = tally.isFailingOver;
  const page = await browser.visit(stack.appOrigin + contactsPath);
  if (isAskedToSignIn(page)) tally.lost += 1;
  if (page.responses.length > 1) tally.redirects += 1;
  if (isSwapped(page, user)) tally.swapped += 1;
  if (page.status === 200 && readContacts(page) !== '') return;
  if (wasFailingOver || tally.isFailingOver) tally.withoutData += 1;
  else tally.unusable += 1;
}
