/**
 * `npm run bench:soak`: users click for minutes with access tokens of two seconds, while the authorization
 * server is restarted, slowed and made to fail, one after the other. No user may lose their session, and
 * memory must not grow. With `--binding on`, every session is bound to a key of its user, and renews every few seconds.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from '../e2e/support/http-browser.ts';
import { startTestCluster, startTestStack, type TestStack } from '../e2e/support/test-stack.ts';
import { startBehindTls } from '../e2e/support/tls-stack.ts';
import { readResidentMb } from '../scripts/resident-memory.ts';
import { playFaults } from './faults.ts';
import { readFlags, takeChoice } from './flags.ts';
import { countRejections, printTable } from './report.ts';
import { type BenchUser, isAskedToSignIn, isSwapped, nextClick, signInUsers } from './users.ts';

const binding = takeChoice('binding', ['off', 'on']);
const flags = readFlags({ users: 50, minutes: 10, instances: 1 }, { users: 200, minutes: 120, instances: 8 });
const lifetimeSec = 2;
/**
 * This share of clicks is given up half-way: the tab is closed, and the next click carries the old cookie.
 */
const abandoned = 0.1;
/**
 * Until memory is compared, a fifth of the whole: code is compiled, caches are filled, and the heap has its
 * size.
 */
const warmUpMs = flags.minutes * 12_000;
const reportMs = 30_000;
/**
 * Memory rises and falls with every collection: its floor within a minute and a half is what is really held.
 */
const windowSamples = 90;
/** More than this is growth. */
const flatness = 1.1;

const tally = { requests: 0, abandoned: 0, noticed: 0, failed: 0, lost: 0, swapped: 0 };
const env = { SAMPLE_ACCESS_TOKEN_SEC: String(lifetimeSec), SAMPLE_EXTRA_ACCOUNTS: String(flags.users) };
const boundEnv = { SESSION_BINDING_LIFETIME: '10', LOG_LEVEL: 'debug' };
const start = (more: Record<string, string>) =>
  flags.instances === 1
    ? startTestStack({ ...env, ...more }, { isFaulty: true })
    : startTestCluster({ ...env, ...more }, flags.instances);
const stack = await (binding === 'on'
  ? startBehindTls((more) => start({ ...more, ...boundEnv }))
  : start({}));
const isGood = await run().finally(() => stack.close());
process.exit(isGood ? 0 : 1);

async function run(): Promise<boolean> {
  console.log(`${flags.users} users sign in …`);
  const users = await signInUsers(stack, flags.users);
  const endMs = performance.now() + flags.minutes * 60_000;
  const clicking = users.map((user) => click(user, endMs));
  await pause(warmUpMs);
  const memory: number[][] = [];
  const sampling = setInterval(() => void memory.push(readMemory(stack)), 1_000);
  const faults = playFaults(stack, endMs);
  while (performance.now() < endMs - reportMs) {
    await pause(reportMs);
    console.log(sayProgress(Math.round((endMs - performance.now()) / 1000)));
  }
  await Promise.all([faults, ...clicking]);
  clearInterval(sampling);
  return report(findFloors(memory.slice(0, windowSamples)), findFloors(memory.slice(-windowSamples)));
}

async function click(user: BenchUser, endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    const address = stack.appOrigin + (await nextClick());
    tally.requests += 1;
    await user.device?.keepFresh(user.browser).catch(() => null);
    if (Math.random() < abandoned) await giveUp(user, address);
    else count(await user.browser.visit(address).catch(() => null), user);
  }
}

/** The response is lost on its way, and the browser keeps the cookie that it had. */
async function giveUp(user: BenchUser, address: string): Promise<void> {
  tally.abandoned += 1;
  const closing = new AbortController();
  const visit = user.browser.copy().visit(address, { signal: closing.signal });
  setTimeout(() => closing.abort(), Math.random() * 60);
  await visit.catch(() => null);
}

function count(page: Page | null, user: BenchUser): void {
  if (page === null || page.status >= 500) tally.failed += 1;
  if (page === null) return;
  if (isAskedToSignIn(page)) tally.lost += 1;
  else if (/not answering/.test(page.html)) tally.noticed += 1;
  if (isSwapped(page, user)) tally.swapped += 1;
}

/** The least of each instance. */
function findFloors(samples: readonly number[][]): number[] {
  return (samples[0] ?? []).map((_, index) => Math.min(...samples.map((sample) => sample[index] ?? 0)));
}

function readMemory({ pidOf }: TestStack): number[] {
  const names = Array.from({ length: flags.instances }, (_, index) =>
    index === 0 ? 'application' : `application ${index + 1}`,
  );
  return names.map((name) => readResidentMb(pidOf(name as 'application') ?? 0));
}

function sayProgress(leftSec: number): string {
  const { requests, noticed, lost, swapped, failed } = tally;
  const refreshes = stack.appEvents('tokens_refreshed').length;
  return `  ${leftSec} s left: ${requests} requests, ${refreshes} refreshes, ${noticed} "not answering", ${lost} lost, ${swapped} swapped, ${failed} failed, ${readMemory(stack).join(' + ')} MB`;
}

function report(before: readonly number[], after: readonly number[]): boolean {
  const isFlat = after.every((mb, index) => mb <= (before[index] ?? 0) * flatness);
  console.log(
    `\n${flags.users} users for ${flags.minutes} minutes, access tokens of ${lifetimeSec} s, ${flags.instances} ${flags.instances === 1 ? 'instance' : 'instances'}`,
  );
  printTable([
    ['requests', String(tally.requests)],
    ['given up half-way', String(tally.abandoned)],
    ['refreshes', String(stack.appEvents('tokens_refreshed').length)],
    ['refreshes that failed for now', String(stack.appEvents('refresh_failed').length)],
    ['invalid_grant', String(countRejections(stack))],
    ['renewals of bound sessions', String(stack.appEvents('device_renewed').length)],
    ['pages that said "not answering"', String(tally.noticed)],
    ['failed requests, 5xx', String(tally.failed)],
    ['swapped identities', String(tally.swapped)],
    ['sessions lost', String(tally.lost)],
    ['least memory after the warm-up, MB', before.join(' + ')],
    ['least memory at the end, MB', after.join(' + ')],
    ['flat', isFlat ? 'yes' : 'NO'],
  ]);
  return tally.lost + tally.swapped + tally.failed === 0 && isFlat;
}
