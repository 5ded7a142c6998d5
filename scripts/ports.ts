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

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * `count` different free ports.
 * @throws Error when hardly any port is free
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries === maxTries) throw new Error(`No free port between ${firstPort} and ${lastPort}.`);
    const port = randomInt(firstPort, lastPort);
    if (!found.has(port) && (await isPortFree(port))) found.add(port);
  }
  return [...found];
}
