/** Every kind of store that this machine has the servers for, and how each is started. Test support only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { findFreePorts } from '../../../scripts/ports';
import { startRedisCluster, startRedisWithSentinels } from '../../../scripts/redis-group';
import { hasRedis, hasValkey, startRedis } from '../../../scripts/redis-server';
import { createRedisStore } from '../store/redis-store';

type Started = { url: string; identity?: string; close(): Promise<void> };
export type StoreKind = { name: string; isHere: boolean; start(): Promise<Started> };

export const isRedisHere = hasRedis();
export const storeKinds: StoreKind[] = [
  { name: 'memory', isHere: true, start: async () => ({ url: '', close: async () => {} }) },
  { name: 'one Redis', isHere: isRedisHere, start: () => startRedis() },
  { name: 'Redis by TLS', isHere: isRedisHere, start: () => startSecure() },
  { name: 'Redis that asks for a certificate', isHere: isRedisHere, start: startMutual },
  { name: 'a managed Redis', isHere: isRedisHere, start: startManaged },
  { name: 'Redis behind Sentinel', isHere: isRedisHere, start: () => startRedisWithSentinels() },
  { name: 'a Redis Cluster', isHere: isRedisHere, start: () => startRedisCluster() },
  { name: 'Valkey', isHere: hasValkey(), start: () => startRedis([], { program: 'valkey-server' }) },
];

export const tlsFile = (name: string) => join(import.meta.dirname, '../../../e2e/hostile/tls', `${name}.pem`);

/** With a certificate of a private authority, which Node is told of as NODE_EXTRA_CA_CERTS does it. */
async function startSecure(asksClients = 'no'): Promise<Started> {
  const [port = 0] = await findFreePorts(1);
  const files = ['--tls-cert-file', tlsFile('right'), '--tls-key-file', tlsFile('test-only-key')];
  const authority = ['--tls-ca-cert-file', tlsFile('authority'), '--tls-auth-clients', asksClients];
  const redis = await startRedis(['--tls-port', String(port), ...files, ...authority]);
  const known = getCACertificates('default');
  setDefaultCACertificates([...known, readFileSync(tlsFile('authority'), 'utf8')]);
  const close = () => redis.close().finally(() => setDefaultCACertificates(known));
  return { url: `rediss://127.0.0.1:${port}`, close };
}

async function startMutual(): Promise<Started> {
  const redis = await startSecure('yes');
  const stranger = createRedisStore(redis.url, 'test:');
  if (await stranger.isReachable()) throw new Error('It lets in who has no certificate.');
  await stranger.close();
  const read = (name: string) => readFileSync(tlsFile(name), 'utf8');
  return { ...redis, identity: read('right') + read('test-only-key') };
}

/** No CONFIG, SELECT, HELLO, INFO or CLIENT, and a user with exactly the rights that docs/redis.md lists. */
async function startManaged() {
  const renamed = ['CONFIG', 'SELECT', 'HELLO'].flatMap((name) => ['--rename-command', name, '']);
  const redis = await startRedis(renamed);
  await redis.command(
    'ACL SETUSER strongroom on >redis-password ~test:* +set +get +mget +del +eval +incr +pexpire +pttl +ping',
  );
  return { ...redis, url: redis.url.replace('://', '://strongroom:redis-password@') };
}
