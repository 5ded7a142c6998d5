/** Thirteen faults with real servers, each of which raises exactly its alert (deploy/alerts.yaml). */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { hasRedis, type RedisServer, startRedis } from '../../scripts/redis-server.ts';
import {
  checkAlerts,
  checkQueries,
  hasPromtool,
  type Reading,
  type Readings,
  readMetrics,
} from '../support/alert-rules.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { expireAccessToken } from '../support/seals.ts';
import { createVisitor, signInVisitor } from './attacks.ts';
import { rightKeys } from './authorization-server.ts';
import type { Fault } from './grant.ts';
import { reachCallback, signIn, untilTestEnds } from './journey.ts';
import { createSigningKey, toJwk } from './signing-keys.ts';
import { startWorld, type World } from './world.ts';

type Dashboard = { panels: { targets: { expr: string }[] }[] };
const readDeploy = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');

let world: World;
let redis: RedisServer;
let address = '';
/** What was read, by the alert that it is to raise. */
const readings: Record<string, Readings> = {};

const isPossible = hasRedis() && hasPromtool();
beforeAll(async () => {
  if (!isPossible) return;
  const [port = 0] = await findFreePorts(1);
  address = `http://127.0.0.1:${port}/metrics`;
  redis = await startRedis();
  world = await startWorld({
    METRICS_PORT: String(port),
    REDIS_URL: redis.url,
    RATE_LIMIT_PER_MINUTE: '60',
  });
});
afterAll(async () => {
  await world?.close();
  await redis?.close();
});

const read = async (): Promise<Reading> => new Map([...(await readMetrics(address)), ['up', 1]]);
const home = () => `${world.appOrigin}/dashboard`;
const times = async (count: number, act: () => Promise<unknown>) => {
  for (let done = 0; done < count; done += 1) await act();
};
const signInWith = async (fault: Fault) => {
  await signIn(world, createVisitor(world, fault).browser);
};

/** By alert: what goes wrong, and for faults that do not end by themselves how they end. */
const faults: Record<string, { provoke: () => Promise<unknown>; mend?: () => unknown }> = {
  StrongroomAuthorizationServerUnavailable: {
    provoke: async () => {
      const arrivals = [];
      for (let count = 0; count < 4; count += 1) {
        const { browser } = createVisitor(world);
        arrivals.push({ browser, callback: await reachCallback(world, browser) });
      }
      await world.server.close();
      for (const { browser, callback } of arrivals) await browser.visit(callback);
    },
    mend: () => world.server.reopen(),
  },
  StrongroomSigningKeysUnknown: {
    provoke: () => {
      world.server.jwks = { members: { keys: rightKeys().map(toJwk) } };
      world.server.keys = [createSigningKey('ES256', 'rolled')];
      return times(2, () => signInWith({}));
    },
    mend: () => Object.assign(world.server, { jwks: {}, keys: [...rightKeys()] }),
  },
  StrongroomClocksApart: {
    provoke: () => {
      const claims = { iat: nowSec() + 3_600, exp: nowSec() + 7_200 };
      return times(2, () => signInWith({ idToken: { claims } }));
    },
  },
  StrongroomResponsesRejected: {
    provoke: () => times(2, () => signInWith({ idToken: { claims: { nonce: 'of another sign-in' } } })),
  },
  StrongroomClientRejected: {
    provoke: () => signInWith({ token: { status: 401, body: '{"error":"invalid_client"}' } }),
  },
  StrongroomMetadataUnusable: {
    provoke: async () => {
      world.server.metadata = { members: { issuer: 'https://other.example' } };
      await world.app.forgetMetadata();
      await signInWith({});
    },
    mend: async () => {
      world.server.metadata = {};
      await world.app.forgetMetadata();
    },
  },
  StrongroomRefreshTokensReused: {
    provoke: () =>
      times(4, async () => {
        const { browser } = await signInVisitor(world);
        world.server.revoked.push(...(world.server.grants.at(-1)?.refreshTokens ?? []));
        await expireAccessToken(world, browser);
        await browser.visit(home());
      }),
  },
  StrongroomStoreAway: {
    provoke: () => redis.stop(),
    mend: () => redis.start(),
  },
  StrongroomStoreRejectsWrites: {
    provoke: () => redis.command('CONFIG SET maxmemory 1'),
    mend: () => redis.command('CONFIG SET maxmemory 0'),
  },
  StrongroomApiUnavailable: {
    provoke: async () => {
      const { browser } = await signInVisitor(world);
      world.changeApiResponse = () => ({ status: 503 });
      await times(4, () => browser.visit(home()));
    },
    mend: () => Object.assign(world, { changeApiResponse: null }),
  },
  StrongroomApiRejectsTokens: {
    provoke: async () => {
      const { browser } = await signInVisitor(world);
      world.changeApiResponse = () => ({
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      });
      // For three seconds after Redis was away, no token is replaced: the page says so, and is loaded again.
      const isRejected = () => world.app.events('token_rejected').length > 0;
      for (let tries = 0; tries < 60 && !isRejected(); tries += 1) {
        await browser.visit(home());
        await new Promise((resolve) => setTimeout(resolve, isRejected() ? 0 : 1_000));
      }
    },
    mend: () => Object.assign(world, { changeApiResponse: null }),
  },
  StrongroomRequestStorm: {
    provoke: async () => {
      const own = { headers: { 'sec-fetch-site': 'same-origin' }, maxRedirects: 0 };
      const start = () => new HttpBrowser().visit(`${world.appOrigin}/auth/sign-in`, own);
      for (let sent = 0; world.app.events('rate_limit_reached').length === 0 && sent < 1_000; sent += 20)
        await Promise.all(Array.from({ length: 20 }, start));
    },
  },
  StrongroomDown: { provoke: () => world.app.kill() },
};

describe.skipIf(!isPossible)('OP-03: an alert', () => {
  it.each(Object.keys(faults))('%s has its fault', async (alert) => {
    const fault = faults[alert];
    const before = await read();
    await fault?.provoke();
    const after = alert === 'StrongroomDown' ? new Map([['up', 0]]) : await read();
    readings[alert] = { before, after };
    await fault?.mend?.();
    if (alert.startsWith('StrongroomStore'))
      await expect.poll(async () => (await read()).get('strongroom_store_writable'), untilTestEnds).toBe(1);
  });

  it('is raised by its fault and by no other one, and by none when all is well', () => {
    const [calm = new Map<string, number>()] = Object.values(readings).map(({ before }) => before);
    const lag = 'strongroom_event_loop_lag_seconds{of="median"}';
    const failed = 'strongroom_events_total{event="request_failed"}';
    const unprovoked = {
      StrongroomEventLoopSlow: { before: calm, after: new Map([...calm, [lag, 0.3]]) },
      StrongroomUnexpectedErrors: { before: calm, after: new Map([...calm, [failed, 1]]) },
    };
    const all = Object.entries({ ...readings, ...unprovoked });
    const cases = all.map(([alert, pair]) => [alert, { ...pair, alerts: [alert] }] as const);
    const quiet = { before: calm, after: calm, alerts: [] };
    expect(checkAlerts({ ...Object.fromEntries(cases), 'all is well': quiet })).toBe('');
    expect(checkAlerts({ wrong: { ...quiet, alerts: ['StrongroomDown'] } })).toContain('StrongroomDown');
  });

  it('and a panel of the dashboard ask for nothing that /metrics does not have', () => {
    const { panels } = JSON.parse(readDeploy('grafana-dashboard.json')) as Dashboard;
    const written = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const queries = written.map((expr) =>
      expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'strongroom'),
    );
    expect(queries.length).toBeGreaterThan(15);
    expect(checkQueries(queries)).toBe('');
    expect(checkQueries(['sum by (rate('])).not.toBe('');
    const known = [...Object.values(readings)].flatMap(({ after }) => [...after.keys()]);
    const names = new Set(known.map((series) => series.split('{')[0]));
    const asked =
      [...queries, readDeploy('alerts.yaml')].join(' ').match(/\b(?:strongroom|process)_[a-z_]+/g) ?? [];
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
    const results = [...readDeploy('alerts.yaml').matchAll(/(?:event|outcome|result)=~?"([^"]+)"/g)];
    const values = results.flatMap(([, value = '']) => value.split('|'));
    expect(values.filter((value) => !known.some((series) => series.includes(`"${value}"`)))).toEqual([]);
  });

  it('is fed by at most 300 series', () => {
    const sizes = Object.values(readings).map(({ before }) => before.size);
    expect(sizes).toHaveLength(Object.keys(faults).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(300);
  });
});
