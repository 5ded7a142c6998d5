/**
 * `npm run bench:sign-in`: what the application spends on a whole sign-in, on a page that refreshes, and on 50 requests
 * at once of one session whose access token has just expired, against the same requests while it is good. The
 * authorization server and the API are in this process, and nothing of them counts. `bytes` are those of Redis for
 * each session, where it is installed.
 */

import type { HttpBrowser } from '../e2e/support/http-browser.ts';
import { expireAccessToken } from '../e2e/support/seals.ts';
import { hasRedis } from '../scripts/redis-server.ts';
import { readCpuMs, sayMedian } from './cpu.ts';
import { readFlags } from './flags.ts';
import { buildAll } from './floor-builds.ts';
import { type PeopleWorld, peoplePath, type RunningApp, signIn, startPeopleWorld } from './people-world.ts';
import { measureRedis } from './redis-bytes.ts';
import { printTable } from './report.ts';

const flags = readFlags({ users: 20, rounds: 15 }, { users: 200, rounds: 1_000 });
const burst = 50;
const atOnce = 4;
/** A server that has just started compiles: its first sign-ins cost twice as much as the thousandth. */
const warmUpRounds = 20;

const folders = await buildAll(['ours']);
const world = await startPeopleWorld();
try {
  const app = await world.startOurs(folders.ours);
  for (let round = 0; round < warmUpRounds; round += 1) await signInMany(app);
  const signIns: number[] = [];
  for (let round = 0; round < flags.rounds; round += 1)
    signIns.push((await spend(app, () => signInMany(app))).cpuMs / flags.users);
  const refreshes = await measureRefreshes(world, app);
  const bursts = await measureBursts(world, app);
  printTable([
    ['', `median of ${flags.rounds} rounds (middle half)`],
    ['CPU of a whole sign-in, ms', sayMedian(signIns)],
    ['CPU of a page, ms', sayMedian(refreshes.map(({ without }) => without))],
    ['more for one that refreshes, ms', sayMedian(refreshes.map((one) => one.refreshing - one.without))],
    [`${burst} at once at expiry, × CPU without`, sayMedian(bursts.map(({ cpu }) => cpu))],
    [`${burst} at once at expiry, × time without`, sayMedian(bursts.map(({ time }) => time))],
  ]);
  if (hasRedis()) console.log(`Redis, bytes of one session: ${await measureRedis(world, folders.ours)}`);
} finally {
  await world.close();
}

async function signInMany(app: RunningApp): Promise<HttpBrowser[]> {
  const browsers: HttpBrowser[] = [];
  const one = async () => {
    while (browsers.length < flags.users) {
      const place = browsers.push(undefined as never) - 1;
      browsers[place] = await signIn(app);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return browsers;
}

async function measureRefreshes(
  { appSecret }: PeopleWorld,
  app: RunningApp,
): Promise<{ without: number; refreshing: number }[]> {
  const browsers = await signInMany(app);
  const installation = { appOrigin: app.origin, secrets: { appSecret } };
  const visitAll = async () => {
    for (const browser of browsers) await visit(app, browser);
  };
  const rounds: { without: number; refreshing: number }[] = [];
  for (let round = 0; round < flags.rounds; round += 1) {
    for (const browser of browsers) await expireAccessToken(installation, browser);
    const refreshing = (await spend(app, visitAll)).cpuMs / browsers.length;
    const without = (await spend(app, visitAll)).cpuMs / browsers.length;
    rounds.push({ without, refreshing });
  }
  return rounds;
}

async function measureBursts(
  { appSecret }: PeopleWorld,
  app: RunningApp,
): Promise<{ cpu: number; time: number }[]> {
  const installation = { appOrigin: app.origin, secrets: { appSecret } };
  const browser = await signIn(app);
  const ratios: { cpu: number; time: number }[] = [];
  for (let round = 0; round < flags.rounds; round += 1) {
    await expireAccessToken(installation, browser);
    const expired = browser.copy();
    const send = () => Promise.all(Array.from({ length: burst }, () => visit(app, expired.copy())));
    const atExpiry = await spend(app, send);
    await visit(app, browser);
    const good = () => Promise.all(Array.from({ length: burst }, () => visit(app, browser.copy())));
    const without = await spend(app, good);
    ratios.push({
      cpu: atExpiry.cpuMs / without.cpuMs,
      time: atExpiry.elapsedMs / without.elapsedMs,
    });
  }
  return ratios;
}

async function visit({ origin }: RunningApp, browser: HttpBrowser): Promise<void> {
  const page = await browser.follow(origin + peoplePath);
  if (page.status !== 200 || page.url.pathname !== peoplePath)
    throw new Error(`The page led to ${page.url.pathname} with status ${page.status}.`);
}

async function spend({ pid }: RunningApp, work: () => Promise<unknown>) {
  const cpuMs = readCpuMs(pid);
  const startedMs = performance.now();
  await work();
  return { cpuMs: readCpuMs(pid) - cpuMs, elapsedMs: performance.now() - startedMs };
}
