/**
 * A world that the test files of one worker use one after the other, for files whose cases leave the
 * application as it was: it keeps what it has fetched of the server's metadata and keys.
 */
import { atWorkerEnd } from '../support/worker-end.ts';
import { rightKeys } from './authorization-server.ts';
import { startWorld, type World } from './world.ts';

let idle: World | null = null;

/** `close` gives it back. */
export async function borrowWorld(): Promise<World> {
  const world = idle ?? (await startShared());
  idle = null;
  for (const server of [world.server, world.other])
    Object.assign(server, { fault: {}, metadata: {}, jwks: {}, keys: [...rightKeys()] });
  for (const list of [world.app.lines, world.sink.requests, world.server.oracle.breaches]) list.length = 0;
  Object.assign(world, { changeApiResponse: null, checkedLines: 0 });
  return world;
}

async function startShared(): Promise<World> {
  const world = await startWorld();
  const { close } = world;
  atWorkerEnd(() => void world.app.kill());
  world.close = async () => {
    if (idle === null) idle = world;
    else await close();
  };
  return world;
}
