/**
 * A fail-over of Redis in the middle of a round: a user signs out, the primary that confirmed it is killed at
 * once, and the copy of their cookie must be rejected by every instance when another server has taken over.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpBrowser } from '../e2e/support/http-browser.ts';
import type { TestStack } from '../e2e/support/test-stack.ts';
import { type RedisGroup, startRedisCluster, startRedisWithSentinels } from '../scripts/redis-group.ts';
import { isAskedToSignIn } from './users.ts';

/** What instances need to notice that Redis is back, and to write what they still held. */
const settleMs = 8_000;
/** Refreshes are on their way when the primary is killed: before, at and after their request. */
const latestKillMs = 500;

export const redisKinds = ['single', 'sentinel', 'cluster'] as const;
type RedisKind = (typeof redisKinds)[number];

export async function startGroup(kind: RedisKind): Promise<RedisGroup | null> {
  if (kind === 'single') return null;
  return kind === 'sentinel' ? startRedisWithSentinels() : startRedisCluster({ hasReplicas: true });
}

/**
 * Kills a primary while `work` goes on. @returns how long it took until another one was there, and how many
 * instances serve a session that was signed out right before
 */
export async function failOverDuring(
  { group, stack }: { group: RedisGroup; stack: TestStack },
  leaving: HttpBrowser,
  work: () => Promise<void>,
): Promise<{ lostRevocations: number; downMs: number }> {
  const copy = leaving.copy();
  const isConfirmed = await signOut(stack, leaving);
  const [downMs] = await Promise.all([killOne(group), work()]);
  await group.heal();
  await pause(settleMs);
  const visits = stack.instanceOrigins.map((origin) => copy.copy().visit(`${origin}/dashboard`));
  const served = (await Promise.all(visits)).filter((page) => !isAskedToSignIn(page));
  return { lostRevocations: isConfirmed ? served.length : 0, downMs };
}

/** @returns whether a replica confirmed it */
async function signOut(stack: TestStack, browser: HttpBrowser): Promise<boolean> {
  const countUnconfirmed = () => stack.appEvents('revocation_not_replicated').length;
  const before = countUnconfirmed();
  const page = await browser.visit(`${stack.appOrigin}/dashboard`);
  const left = await browser.submit(page, /sign-out/);
  if (!left.url.pathname.startsWith('/signed-out') && left.url.origin === stack.appOrigin)
    throw new Error(`Signing out led to ${left.url.pathname}.`);
  return countUnconfirmed() === before;
}

async function killOne(group: RedisGroup): Promise<number> {
  await pause(Math.random() * latestKillMs);
  const startedMs = performance.now();
  await group.failOver();
  return performance.now() - startedMs;
}
