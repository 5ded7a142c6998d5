/** Waiting for a replica, against a Redis whose responses the test decides. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logWarning } from '../base/log';
import { createReplicatedWrite } from './redis-durability';
import type { RedisClient } from './redis-node';

vi.mock('../base/log', async (load) => ({ ...(await load<object>()), logWarning: vi.fn() }));
beforeEach(() => void vi.mocked(logWarning).mockClear());

const withReplica = 'role:master\r\nconnected_slaves:1\r\n';

function start(info: () => Promise<string>, acknowledge: () => Promise<number>) {
  const clock = { ms: 0 };
  const redis = { info: vi.fn(info), wait: vi.fn(acknowledge) };
  const run = <T>(_key: string, command: (client: RedisClient) => Promise<T>) =>
    command(redis as unknown as RedisClient);
  const connection = { line: {} };
  const write = vi.fn(async () => {});
  const replicate = createReplicatedWrite({ run, line: () => connection.line }, () => clock.ms);
  return { clock, redis, connection, write, waitForReplica: () => replicate('key', write) };
}

describe('waiting for a replica', () => {
  it('SE-04: waits for one acknowledgement, with an end', async () => {
    const { redis, waitForReplica } = start(
      async () => withReplica,
      async () => 1,
    );
    await waitForReplica();
    expect(redis.wait.mock.calls).toEqual([[1, 250]]);
    expect(logWarning).not.toHaveBeenCalled();
  });

  it.each<[string, () => Promise<string>]>([
    ['has no replica', async () => 'role:master\r\nconnected_slaves:0\r\n'],
    ['rejects INFO', () => Promise.reject(new Error('NOPERM'))],
  ])('SE-04: a Redis that %s is not asked to wait', async (_what, info) => {
    const { redis, waitForReplica } = start(info, async () => 0);
    await waitForReplica();
    expect(redis.wait).not.toHaveBeenCalled();
    expect(logWarning).not.toHaveBeenCalled();
  });

  it('SE-04: revocations at the same time share one wait, and a later one has its own', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const { redis, waitForReplica } = start(
      async () => withReplica,
      () => promise,
    );
    const waiting = Array.from({ length: 50 }, () => waitForReplica());
    resolve(1);
    await Promise.all(waiting);
    expect(redis.wait).toHaveBeenCalledTimes(1);
    await waitForReplica();
    expect(redis.wait).toHaveBeenCalledTimes(2);
  });

  it.each<[string, () => Promise<number>]>([
    ['is behind', async () => 0],
    ['goes away with its primary', () => Promise.reject(new Error('closed'))],
  ])(
    'SE-04: a replica that %s is logged, fails nothing, and is not waited for during ten seconds',
    async (_what, acknowledge) => {
      const { clock, redis, waitForReplica } = start(async () => withReplica, acknowledge);
      await waitForReplica();
      clock.ms = 9_999;
      await waitForReplica();
      expect(redis.wait).toHaveBeenCalledTimes(1);
      expect(vi.mocked(logWarning).mock.calls).toEqual([
        ['revocation_not_replicated', { reason: 'no_replica_in_time' }],
      ]);
      clock.ms = 10_000;
      await waitForReplica();
      expect(redis.wait).toHaveBeenCalledTimes(2);
    },
  );

  it('SE-04: a replica that is gone is missed: it may be the next primary', async () => {
    const info = vi.fn(async () => withReplica);
    const { waitForReplica } = start(info, async () => 1);
    expect(await waitForReplica()).toBe(true);
    info.mockResolvedValue('role:master\r\nconnected_slaves:0\r\n');
    expect(await waitForReplica()).toBe(false);
    expect(logWarning).toHaveBeenCalledTimes(1);
  });

  it('SE-04: is done again when the connection was lost in between: WAIT of another one says nothing about it', async () => {
    const { connection, redis, write, waitForReplica } = start(
      async () => withReplica,
      async () => 1,
    );
    const lose = async () => {
      connection.line = {};
    };
    write.mockImplementationOnce(lose);
    expect(await waitForReplica()).toBe(true);
    expect([write.mock.calls.length, redis.wait.mock.calls.length]).toEqual([2, 2]);
    write.mockImplementation(lose);
    expect(await waitForReplica()).toBe(false);
    expect(write).toHaveBeenCalledTimes(4);
  });
});
