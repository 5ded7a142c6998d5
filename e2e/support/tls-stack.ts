/** A stack under an https address: a proxy in front of it ends TLS, with a certificate that this process trusts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { findFreePorts } from '../../scripts/ports.ts';
import { type RedisServer, startRedis } from '../../scripts/redis-server.ts';
import { startEdge } from './edge.ts';
import { startTestStack, type TestStack } from './test-stack.ts';

const certificates = join(import.meta.dirname, '../hostile/tls');
export const tls = {
  key: readFileSync(join(certificates, 'test-only-key.pem')),
  cert: readFileSync(join(certificates, 'right.pem')),
};

/** @param start gets the settings that an https address needs */
export async function startBehindTls<Started extends TestStack>(
  start: (env: Record<string, string>) => Promise<Started>,
): Promise<Started> {
  setDefaultCACertificates([
    ...getCACertificates('default'),
    readFileSync(join(certificates, 'authority.pem'), 'utf8'),
  ]);
  const [port] = await findFreePorts(1);
  const origin = `https://localhost:${port}`;
  const stack = await start({
    ...{ AUTH_URL: origin, SAMPLE_APP_URL: origin },
    ...{ AUTH_PAR: 'when-required', DEMO_ACCOUNTS: '' },
  });
  const edge = await startEdge(Number(new URL(stack.appOrigin).port), origin, tls);
  return {
    ...stack,
    appOrigin: origin,
    close: async () => void (await Promise.all([edge.close(), stack.close()])),
  };
}

const instances = ['application', 'application 2'] as const;

export type BoundStack = TestStack & {
  redis: RedisServer;
  /** Starts both instances again, one after the other, with more settings. */
  restart(env: Readonly<Record<string, string>>): Promise<void>;
};

/** Two instances with one Redis, whose bound cookies live as briefly as they may. */
export async function startBoundStack(): Promise<BoundStack> {
  const redis = await startRedis();
  const more = { REDIS_URL: redis.url, SESSION_BINDING_LIFETIME: '10', LOG_LEVEL: 'debug' };
  const stack = await startBehindTls((env) =>
    startTestStack({ ...env, ...more }, { instances: instances.length }),
  ).catch(async (error) => {
    await redis.close();
    throw error;
  });
  return {
    ...stack,
    redis,
    restart: async (env) => {
      for (const instance of instances) {
        await stack.stop(instance);
        await stack.start(instance, env);
      }
    },
    close: async () => void (await Promise.all([stack.close(), redis.close()])),
  };
}
