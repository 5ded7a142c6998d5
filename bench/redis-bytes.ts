/** What one session takes in Redis: sign-ins, one refresh of each, and what is left a moment later. */
import { startRedis } from '../scripts/redis-server.ts';
import { type PeopleWorld, signIn } from './people-world.ts';

const sessions = 100;
const atOnce = 5;

/** @returns bytes for each session, with what Redis itself needs for its keys */
export async function measureRedis({ startOurs }: PeopleWorld, folder: string): Promise<number> {
  const redis = await startRedis();
  try {
    const app = await startOurs(folder, { REDIS_URL: redis.url });
    await signIn(app);
    const before = await readBytes(redis.command);
    for (let count = 0; count < sessions; count += atOnce)
      await Promise.all(Array.from({ length: atOnce }, () => signIn(app)));
    return Math.round(((await readBytes(redis.command)) - before) / sessions);
  } finally {
    await redis.close();
  }
}

/** `MEMORY STATS` says it too, in a form of its own; a script says one number. */
async function readBytes(command: (line: string) => Promise<string>): Promise<number> {
  const script = `return string.match(redis.call('INFO','memory'),'used_memory_dataset:(%d+)')`;
  const reply = await command(`EVAL "${script}" 0`);
  return Number(/\d{3,}/.exec(reply.replace(/^\$\d+\r\n/, ''))?.[0] ?? Number.NaN);
}
