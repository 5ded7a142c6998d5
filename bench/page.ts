/**
 * `npm run bench:page`: what signing in costs on one page with one call to the API and 50 rows, against the same
 * page without it. Every application runs beside the others and takes its turn in each round, so that a round meets
 * one machine; ratios are of one round. `--connections 16` drives one number of connections alone. All have the heap
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
const flags = readFlags({ requests: 300, rounds: 15 }, { requests: 100_000, rounds: 1_000 });
const shippedPaths = ['', '/contacts', '/messages', '/access', '/session'].map((path) => `/dashboard${path}`);

/** Next reads a page's nonce from this header of the request, whoever sets it. */
const withNonce = { 'content-security-policy': "script-src 'nonce-MDEyMzQ1Njc4OWFiY2RlZg=='" };

type Way = Target & { name: string; costs: Cost[] };

const folders = await buildAll(['floor', 'floor-proxy', 'ours', 'shipped']);
for (const heap of heapChoice === 'both' ? heaps : [heapChoice]) {
  const world = await startPeopleWorld({ heap });
  console.log(`\nHeap: ${heap === 'free' ? 'as much as Node likes' : 'what npm start allows'}`);
  try {
    const ways = await startWays(world);
    for (const way of ways) await drive(way, { connections: 16, requests: 3 * flags.requests });
    for (const connections of connectionsChoice === 'all' ? [1, 16, 64] : [Number(connectionsChoice)])
      await compare(ways, connections);
    if (heap === heaps[0] || heapChoice !== 'both') await printSizes(ways);
  } finally {
    await world.close();
  }
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
    return { name, origin, pid, path, headers, costs: [] };
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

/** Shipped pages have other content, and need no more than one number of connections. */
async function compare(all: readonly Way[], connections: number): Promise<void> {
  const ways = connections === 16 ? all : all.filter(({ path }) => path === peoplePath);
  for (const way of ways) way.costs = [];
  for (let round = 0; round < flags.rounds; round += 1)
    // Each is the first in some rounds.
    for (let at = 0; at < ways.length; at += 1) {
      const way = ways[(at + round) % ways.length];
      way?.costs.push(await drive(way, { connections, requests: flags.requests }));
    }
  const [floor] = ways;
  if (floor === undefined) return;
  console.log(`\n${connections} ${connections === 1 ? 'connection' : 'connections'}, ${flags.rounds} rounds`);
  const ratios = ({ costs }: Way, of: keyof Cost) =>
    sayMedian(costs.map((cost, round) => cost[of] / (floor.costs[round]?.[of] ?? 1)));
  printTable([
    ['', 'CPU of one, ms', '× floor', 'requests a second', '× floor'],
    ...ways.map((way) => [
      way.name,
      sayMedian(way.costs.map(({ cpuMs }) => cpuMs)),
      ratios(way, 'cpuMs'),
      sayMedian(
        way.costs.map(({ perSec }) => perSec),
        0,
      ),
      ratios(way, 'perSec'),
    ]),
  ]);
}
