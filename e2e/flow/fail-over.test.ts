/**
 * Two instances and a Redis of several servers, whose primary is killed while tokens are refreshed: no session
 * is lost, and no revocation that a replica confirmed. `npm run bench:stampede -- --redis cluster` does it
 * with a cluster.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisGroup, startRedisWithSentinels } from '../../scripts/redis-group.ts';
import { hasRedis } from '../../scripts/redis-server.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { expireAccessToken } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const userCount = 4;
const requestsEach = 10;

describe.skipIf(!hasRedis())('two instances with Redis behind Sentinel', () => {
  let group: RedisGroup;
  let stack: TestStack;
  beforeAll(async () => {
    group = await startRedisWithSentinels();
    stack = await startTestStack(
      { REDIS_URL: group.url, SAMPLE_EXTRA_ACCOUNTS: String(userCount + 1) },
      { instances: 2, isFaulty: true, hasOwnProcesses: true },
    );
  });
  afterAll(async () => void (await Promise.all([stack?.close(), group?.close()])));

  const open = (browser: HttpBrowser, instance: number): Promise<Page> =>
    browser.visit(`${stack.instanceOrigins[instance % 2]}/dashboard/contacts`);
  const hasData = ({ url, html }: Page) => url.pathname === '/dashboard/contacts' && html.includes('<table');

  async function signInUser(number: number): Promise<HttpBrowser> {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser, { email: `user00${number}@strongroom.test` });
    return browser;
  }

  it('SE-04, SE-15, RF-03: a fail-over in the middle of refreshes loses no session and no confirmed revocation', async () => {
    const users = await Promise.all(Array.from({ length: userCount }, (_, index) => signInUser(index + 1)));
    const leaving = await signInUser(userCount + 1);
    const copy = leaving.copy();
    await Promise.all(users.map((browser) => expireAccessToken(stack, browser)));
    await leaving.submit(await leaving.visit(`${stack.appOrigin}/dashboard`), /sign-out/);
    // On a machine that stands still, a replica may be too late: that promises nothing.
    const isConfirmed = stack.appEvents('revocation_not_replicated').length === 0;

    const bursts = users.flatMap((browser) =>
      Array.from({ length: requestsEach }, (_, number) => open(browser.copy(), number)),
    );
    await group.failOver();
    const pages = await Promise.all(bursts);
    // With data or without, each of them is the page of a signed-in user.
    expect(pages.filter(({ url }) => url.pathname !== '/dashboard/contacts')).toEqual([]);

    for (const instance of [0, 1]) {
      if (isConfirmed)
        await expect.poll(async () => (await open(copy.copy(), instance)).url.pathname).toBe('/sign-in');
      for (const browser of users)
        await expect.poll(async () => hasData(await open(browser.copy(), instance))).toBe(true);
    }
    expect(stack.appEvents('session_rejected').map(({ reason }) => reason)).not.toContain('invalid_grant');
    expect(stack.lines.filter(({ line }) => line.includes('"event":"reuse_detected"'))).toEqual([]);
    expect(stack.appEvents('store_lost').length).toBeGreaterThan(0);
    expect(stack.lines.filter(({ line }) => /unhandled|uncaught/i.test(line))).toEqual([]);
  });
});
