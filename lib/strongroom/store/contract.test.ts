/**
 * What every store promises: the same for one instance in its memory and for several with Redis, as people
 * run it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isRedisHere, type StoreKind, storeKinds, tlsFile } from '../testing/store-kinds';
import { createMemoryStore } from './memory-store';
import { createRedisStore } from './redis-store';
import type { Store } from './store';

const long = 60_000;
const short = 300;
/** Until what was to end after `short` has ended, however slow the machine is. */
const untilExpired = (look: () => Promise<unknown>) => expect.poll(look);

/** All at once: most of the time, one waits for another. */
const servers = new Map<string, Awaited<ReturnType<StoreKind['start']>>>();
beforeAll(async () => {
  const here = storeKinds.filter(({ isHere }) => isHere);
  await Promise.all(here.map(async ({ name, start }) => servers.set(name, await start())));
});
afterAll(async () => void (await Promise.all([...servers.values()].map((server) => server.close()))));

/** A command ends after a second, also where a busy machine is why: then it is tried again. */
const patient = { retry: 5 };

describe.each(storeKinds)('the store in $name', patient, ({ name: kind, isHere }) => {
  if (!isHere) {
    it.skip('is not tested: its server is not installed', () => {});
    return;
  }
  let store: Store;
  let number = 0;
  const newKey = () => {
    number += 1;
    return `key:${kind}-${number} ä/\n"`;
  };
  beforeAll(async () => {
    const { url = '', identity } = servers.get(kind) ?? {};
    store = url === '' ? createMemoryStore() : createRedisStore(url, 'test:', identity);
  });
  beforeEach(() => vi.waitUntil(() => store.isReachable(), { timeout: 120_000 }));
  afterAll(() => store.close());

  it('gives back what was set, and null for what was not', async () => {
    const key = newKey();
    expect(await store.get(key)).toBeNull();
    await store.set(key, 'a', long);
    await store.set(key, 'b', long);
    expect(await store.get(key)).toBe('b');
    await store.delete(key);
    expect(await store.get(key)).toBeNull();
    await store.delete(key);
  });

  it('keeps a value of 100,000 characters as it is', async () => {
    const [key, value] = [newKey(), 'ä€"\n'.repeat(25_000)];
    await store.set(key, value, long);
    expect(await store.get(key)).toBe(value);
  });

  it('gives many in the order of their keys', async () => {
    const keys = [newKey(), newKey(), newKey()] as const;
    await store.set(keys[0], 'first', long);
    await store.set(keys[2], 'third', long);
    expect(await store.getMany(keys)).toEqual(['first', null, 'third']);
  });

  it('forgets a value when it expires', async () => {
    const key = newKey();
    await store.set(key, 'value', short);
    await untilExpired(() => store.get(key)).toBeNull();
  });

  it('CB-25: of many callers that claim one key at the same time one gets it, until it expires', async () => {
    const key = newKey();
    const claims = await Promise.all(Array.from({ length: 20 }, () => store.claim(key, 'used', long)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await store.shorten(key, short);
    await untilExpired(() => store.claim(key, 'new', long)).toBe(true);
  });

  it('shortens a lifetime and never prolongs one', async () => {
    const [ends, stays] = [newKey(), newKey()];
    await store.set(ends, 'value', short);
    await store.shorten(ends, long);
    await store.set(stays, 'value', long);
    await store.shorten(stays, long * 2);
    await store.shorten(newKey(), long);
    await untilExpired(() => store.get(ends)).toBeNull();
    expect(await store.get(stays)).toBe('value');
  });

  it('BL-04: raises a number and never lowers it, however many raise it at the same time', async () => {
    const key = newKey();
    await Promise.all(
      [3, 1_773_316_800_123, 7, 1_773_316_800_122].map((number) => store.raise(key, number, long)),
    );
    expect(await store.get(key)).toBe('1773316800123');
    await store.raise(key, 5, short);
    expect(await store.get(key)).toBe('1773316800123');
  });

  it('counts up, and starts again when the lifetime of the count has passed', async () => {
    const key = newKey();
    const counts = await Promise.all(Array.from({ length: 50 }, () => store.increment(key, long)));
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, step) => step + 1));
    const brief = newKey();
    await store.increment(brief, short);
    await untilExpired(() => store.get(brief)).toBeNull();
    expect(await store.increment(brief, short)).toBe(1);
  });

  it('RF-03: gives a lock to one owner, who alone can release it', async () => {
    const key = newKey();
    const owners = Array.from({ length: 20 }, (_, owner) => `owner-${owner}`);
    const locks = await Promise.all(owners.map((owner) => store.lock(key, owner, long)));
    expect(locks.filter(Boolean)).toHaveLength(1);
    const winner = owners[locks.indexOf(true)] ?? '';
    await store.unlock(key, 'somebody');
    expect(await store.lock(key, 'somebody', long)).toBe(false);
    await store.unlock(key, winner);
    expect(await store.lock(key, 'somebody', long)).toBe(true);
  });

  it('RF-03: a lock expires unless it is renewed, and a renewal brings back a lost one', async () => {
    const key = newKey();
    await store.lock(key, 'first', short);
    await untilExpired(() => store.lock(key, 'second', long)).toBe(true);
    expect(await store.renew(key, 'first', long)).toBe(false);
    expect(await store.renew(key, 'second', long)).toBe(true);
    await store.delete(key);
    expect(await store.renew(key, 'second', long)).toBe(true);
    expect(await store.lock(key, 'third', long)).toBe(false);
  });

  it('SE-04: writes what must survive the loss of a server, and says so', async () => {
    const key = newKey();
    expect(await store.untilReplicated(key, () => store.set(key, 'value', long))).toBe(true);
    expect(await store.get(key)).toBe('value');
  });

  it('says that it can be reached', async () => {
    expect([await store.isReachable(), await store.takesWrites()]).toEqual([true, true]);
  });
});

it.runIf(isRedisHere).each([
  [tlsFile('authority'), 'connected'],
  ['', 'SELF_SIGNED_CERT_IN_CHAIN'],
])(
  'OP-01: a process without permission to read NODE_EXTRA_CA_CERTS=%j trusts what it names, and nothing else',
  (file, outcome) => {
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-'));
    const program = join(folder, 'connect.mjs');
    const port = new URL(servers.get('Redis by TLS')?.url ?? '').port;
    writeFileSync(
      program,
      `import { connect } from 'node:tls';
const socket = connect(${port}, '127.0.0.1', () => socket.end(() => console.log('connected')));
socket.on('error', ({ code }) => console.log(code));`,
    );
    const { stdout } = spawnSync(process.execPath, ['--permission', `--allow-fs-read=${folder}`, program], {
      env: { NODE_ENV: 'test', NODE_EXTRA_CA_CERTS: file },
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(stdout.trim()).toBe(outcome);
  },
);
