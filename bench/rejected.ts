/**
 * `npm run bench:refused`: what requests cost that get no page, each as a part of the page with one call to the API:
 * without a session, with a forged cookie, with that of a session that was signed out, over the rate limit, health
 * checks, and addresses that do not exist.
 */
import { cookieHeader } from '../e2e/support/page-script.ts';
import { sayMedian } from './cpu.ts';
import { readFlags } from './flags.ts';
import { buildAll } from './floor-builds.ts';
import { type Cost, drive, type Target } from './load.ts';
import { type PeopleWorld, peoplePath, signIn, startPeopleWorld } from './people-world.ts';
import { printTable } from './report.ts';

const flags = readFlags({ requests: 300, rounds: 15 }, { requests: 100_000, rounds: 1_000 });
const connections = 16;
/** 200 pages a minute are allowed (lib/strongroom/server/connection-limits.ts), and then none. */
const tightLimit = { RATE_LIMIT_PER_MINUTE: '10' };
const allowedPages = 200;

type Way = Target & { name: string; costs: Cost[] };

const folders = await buildAll(['ours']);
const world = await startPeopleWorld();
try {
  const ways = await listWays(world);
  for (const way of ways) {
    if (way.status === 429) await exceedLimit(way);
    await drive(way, { connections, requests: 2 * flags.requests });
  }
  for (let round = 0; round < flags.rounds; round += 1)
    for (let at = 0; at < ways.length; at += 1) {
      const way = ways[(at + round) % ways.length];
      if (way === undefined) continue;
      if (way.status === 429) await exceedLimit(way);
      way.costs.push(await drive(way, { connections, requests: flags.requests }));
    }
  print(ways);
} finally {
  await world.close();
}

async function listWays({ startOurs }: PeopleWorld): Promise<Way[]> {
  const [app, tight] = [await startOurs(folders.ours), await startOurs(folders.ours, tightLimit)];
  const cookie = cookieHeader(await signIn(app), app.origin);
  const at = cookie.indexOf('=') + 200;
  const forged = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1);
  const signedOut = await signOut(app.origin, cookieHeader(await signIn(app), app.origin));
  const wayOf = (name: string, more: Partial<Target>): Way => ({
    ...{ name, origin: app.origin, pid: app.pid, path: peoplePath, costs: [] },
    ...more,
  });
  return [
    wayOf('the page', { headers: { cookie } }),
    wayOf('no session', { status: 303 }),
    wayOf('forged cookie', { status: 303, headers: { cookie: forged } }),
    wayOf('signed-out cookie', { status: 303, headers: { cookie: signedOut } }),
    wayOf('rate limited', { status: 429, origin: tight.origin, pid: tight.pid }),
    wayOf('/healthz', { path: '/healthz' }),
    wayOf('unknown address', { status: 404, path: '/no-such-page' }),
    wayOf('unknown address, signed in', { status: 404, path: '/no-such-page', headers: { cookie } }),
  ];
}

/** A minute that ends during the load would end the bench: 429 is what it expects. */
async function exceedLimit({ origin, path }: Way): Promise<void> {
  const ask = () => fetch(origin + path, { redirect: 'manual' }).then((response) => response.arrayBuffer());
  for (let count = 0; count <= allowedPages; count += connections)
    await Promise.all(Array.from({ length: connections }, ask));
}

/** Signs out with a copy of the cookie. @returns that cookie, which stays where it was */
async function signOut(origin: string, cookie: string): Promise<string> {
  const headers = { cookie, origin, 'sec-fetch-site': 'same-origin' };
  const response = await fetch(`${origin}/auth/sign-out`, { method: 'POST', headers, redirect: 'manual' });
  if (response.status >= 400) throw new Error(`Signing out answered ${response.status}.`);
  return cookie;
}

function print(ways: readonly Way[]): void {
  const [page] = ways;
  printTable([
    ['', 'CPU of one, ms', 'part of a page'],
    ...ways.map(({ name, costs }) => [
      name,
      sayMedian(costs.map(({ cpuMs }) => cpuMs)),
      sayMedian(
        costs.map(({ cpuMs }, round) => cpuMs / (page?.costs[round]?.cpuMs ?? 1)),
        3,
      ),
    ]),
  ]);
}
