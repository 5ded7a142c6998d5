/** Ports on loopback: whether one is free, and which ones are. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): one
 * of those may be taken between the moment when it is found free and the moment when a server listens on it.
 */
const firstPort = 15_000;
const lastPort = 32_000;
const maxTries = 1_000;
/** Four for the workers of each of the two test runners, which run at the same time. */
const shares = 8;

/** Given by this process: whoever asked may not listen yet, or may listen there again later. */
const given = new Set<number>();

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * `count` different free ports, none of them given before. Workers of a test run are numbered, and each takes ports
 * of its own share, so that none takes one that another has found and does not listen on yet.
 * @throws Error when hardly any port is free
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  const [first, last] = shareOfWorker();
  for (let tries = 0; found.length < count; tries += 1) {
    if (tries === maxTries) throw new Error(`No free port between ${first} and ${last}.`);
    const port = randomInt(first, last);
    if (given.has(port) || !(await isPortFree(port))) continue;
    if (given.size > (last - first) / 2) given.clear();
    given.add(port);
    found.push(port);
  }
  return found;
}

function shareOfWorker(): [first: number, last: number] {
  const { VITEST_POOL_ID, TEST_PARALLEL_INDEX } = process.env;
  const half = shares / 2;
  const worker = TEST_PARALLEL_INDEX
    ? half + (Number(TEST_PARALLEL_INDEX) % half)
    : Number(VITEST_POOL_ID ?? 0) % half;
  const size = Math.floor((lastPort - firstPort) / shares);
  return [firstPort + worker * size, firstPort + (worker + 1) * size];
}
