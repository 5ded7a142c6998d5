/**
 * `npm run bench:page`: what signing in costs on one page with one call to the API and 50 rows, against the same
 * page without it. Every application runs beside the others and takes its turn in each round, so that a round meets
 * one machine; ratios are of one round. One process is up to a fifth slower than the next one of the same application,
 * so all are started several times. `--connections 16` drives one number of connections alone. All have the heap
 * that `npm start` allows, and then, in a second run, as much as Node likes: `--heap free` is the second run alone.
 */
import { cookieHeader } from '../e2e/support/page-script.ts';
import { sayMedian } from './cpu.ts';
import { readFlags, takeChoice } from './flags.ts';
import { type BuildName, buildAll } from './floor-builds.ts';
import { type Cost, drive, type Target } from './load.ts';
import { printSizes } from './page-sizes.ts';
import {
  heaps,
  type PeopleWorld,
  peoplePath,
  type RunningApp,
  signIn,
  startPeopleWorld,
} from './people-world.ts';
import { printTable } from './report.ts';

const heapChoice = takeChoice('heap', ['both', ...heaps]);
const connectionsChoice = takeChoice('connections', ['all', '1', '16', '64']);
const flags = readFlags(
  { requests: 300, rounds: 5, starts: 3, warm: 3_000 },
  { requests: 100_000, rounds: 1_000, starts: 100, warm: 100_000 },
);
const shippedPaths = ['', '/contacts', '/messages', '/access', '/session'].map((path) => `/dashboard${path}`);

/** Next reads a page's nonce from this header of the request, whoever sets it. */
const withNonce = { 'content-security-policy': "script-src 'nonce-MDEyMzQ1Njc4OWFiY2RlZg=='" };

type Way = Target & { name: string };
/** What each way cost, round by round, by its name. */
type Costs = Map<string, Cost[]>;

const numbers = connectionsChoice === 'all' ? [1, 16, 64] : [Number(connectionsChoice)];
const folders = await buildAll(['floor', 'floor-proxy', 'ours', 'shipped']);
for (const heap of heapChoice === 'both' ? heaps : [heapChoice]) {
  console.log(`\nHeap: ${heap === 'free' ? 'as much as Node likes' : 'what npm start allows'}`);
  const results = numbers.map((connections) => ({ connections, costs: new Map() as Costs }));
  for (let start = 1; start <= flags.starts; start += 1) {
    const world = await startPeopleWorld({ heap });
    try {
      const ways = await startWays(world);
      await warmUp(ways);
      for (const { connections, costs } of results) await compare(ways, connections, costs);
      if (start === flags.starts && heap !== heaps[1]) await printSizes(ways);
    } finally {
      await world.close();
    }
  }
  for (const { connections, costs } of results) printCosts(connections, costs);
}

async function startWays({ startFloor, startOurs }: PeopleWorld): Promise<Way[]> {
  const apps: Record<BuildName, RunningApp> = {
    floor: await startFloor(folders.floor),
    'floor-proxy': await startFloor(folders['floor-proxy']),
    ours: await startOurs(folders.ours),
    shipped: await startOurs(folders.shipped),
  };
  const wayOf = async (build: BuildName, name: string, path = peoplePath): Promise<Way> => {
    const { origin, pid } = apps[build];
    const headers: Record<string, string> = {};
    if (!build.startsWith('floor')) headers.cookie = cookieHeader(await signIn(apps[build]), origin);
    return { name, origin, pid, path, headers };
  };
  const shipped = shippedPaths.map((path) => wayOf('shipped', `shipped: ${path}`, path));
  return [
    await wayOf('floor', 'the page without sign-in (floor)'),
    { ...(await wayOf('floor', 'floor with a nonce')), headers: withNonce },
    await wayOf('floor-proxy', 'floor with an empty proxy.ts'),
    await wayOf('ours', 'the page with Strongroom'),
    await wayOf('shipped', 'in the frame of the shipped pages'),
    ...(await Promise.all(shipped)),
  ];
}

/** Each process is as warm as the others: Node compiles what runs often, and one of them serves six of the pages. */
async function warmUp(ways: readonly Way[]): Promise<void> {
  const ofOneProcess = new Map(ways.filter(({ path }) => path === peoplePath).map((way) => [way.pid, way]));
  for (const way of ofOneProcess.values()) await drive(way, { connections: 16, requests: flags.warm });
  for (const way of ways) await drive(way, { connections: 1, requests: 20 });
}

/** Shipped pages have other content, and need no more than one number of connections. */
async function compare(all: readonly Way[], connections: number, costs: Costs): Promise<void> {
  const ways = connections === 16 ? all : all.filter(({ path }) => path === peoplePath);
  for (let round = 0; round < flags.rounds; round += 1)
    // Each is the first in some rounds.
    for (let at = 0; at < ways.length; at += 1) {
      const way = ways[(at + round) % ways.length];
      if (way === undefined) continue;
      const cost = await drive(way, { connections, requests: flags.requests });
      costs.set(way.name, [...(costs.get(way.name) ?? []), cost]);
    }
}

function printCosts(connections: number, all: Costs): void {
  // The first round went through them in order.
  const rows = [...all];
  const [, floor = []] = rows[0] ?? [];
  const title = `${connections} ${connections === 1 ? 'connection' : 'connections'}`;
  console.log(`\n${title}, ${flags.starts} starts of ${flags.rounds} rounds`);
  const ratios = (costs: readonly Cost[], of: keyof Cost) =>
    sayMedian(costs.map((cost, round) => cost[of] / (floor[round]?.[of] ?? 1)));
  printTable([
    ['', 'CPU of one, ms', '× floor', 'requests a second', '× floor'],
    ...rows.map(([name, costs]) => [
      name,
      sayMedian(costs.map(({ cpuMs }) => cpuMs)),
      ratios(costs, 'cpuMs'),
      sayMedian(
        costs.map(({ perSec }) => perSec),
        0,
      ),
      ratios(costs, 'perSec'),
    ]),
  ]);
}
