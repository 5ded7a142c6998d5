/** Two instances that share a real Redis: what one does, the other knows; what fails in between signs no user out. */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasRedis } from '../../scripts/redis-server.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { expireAccessToken, joinSessionCookie, openSeal } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { grace, startTestCluster, type TestCluster } from '../support/test-stack.ts';

describe.skipIf(!hasRedis())('two instances with one Redis', () => {
  let cluster: TestCluster;
  let browser: HttpBrowser;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.close());
  beforeEach(async () => {
    browser = new HttpBrowser();
    await signInByHttp(cluster, browser);
  });
  afterEach(() => {
    cluster.proxy.chooseFault = () => null;
  });

  const refreshes = () => cluster.appEvents('tokens_refreshed').length;
  /** At one instance, or through the balancer. */
  const open = (who: HttpBrowser, instance?: number, path = '/dashboard/contacts'): Promise<Page> =>
    who.visit(
      (instance === undefined ? cluster.appOrigin : (cluster.instanceOrigins[instance] ?? '')) + path,
    );
  /** With its address: a page without data says why. */
  const see = async (page: Promise<Page>) => `${(await page).url} ${(await page).html}`;
  const hasData = ({ url, html }: Page) => url.pathname === '/dashboard/contacts' && html.includes('<table');
  const isTokenRequest = (method: string, path: string) => method === 'POST' && path === '/oauth/token';

  it('RF-03, RF-04: fifty requests with one old cookie at both instances cause one refresh; late ones share its result', async () => {
    await expireAccessToken(cluster, browser);
    const before = refreshes();
    const copies = Array.from({ length: 50 }, () => browser.copy());
    const pages = await Promise.all(copies.map((copy, number) => open(copy, number % 2)));
    expect(pages.filter(hasData)).toHaveLength(50);
    for (const instance of [0, 1]) expect(await see(open(browser.copy(), instance))).toContain('<table');
    expect(refreshes() - before).toBe(1);
    // A browser with the new cookie goes on with it.
    await expireAccessToken(cluster, copies[7] ?? browser);
    expect(await see(open(copies[7] ?? browser))).toContain('<table');
    expect(refreshes() - before).toBe(2);
  });

  it('SE-04, SE-09: after signing out at one instance, a copied cookie is rejected at both', async () => {
    const page = await open(browser, 0, '/dashboard');
    const copy = browser.copy();
    await browser.submit({ ...page, url: new URL(cluster.appOrigin) }, /sign-out/);
    for (const instance of [0, 1]) expect((await open(copy, instance)).url.pathname).toBe('/sign-in');
  });

  it('CB-06: a callback that one instance handled is not exchanged by the other', async () => {
    const used = cluster.appEvents('signed_in').length;
    const second = new HttpBrowser();
    await signInByHttp(cluster, second);
    expect(cluster.appEvents('signed_in').length - used).toBe(1);
  });

  it('BL-01, BL-04: signing out at the authorization server revokes this session at both, and no other', async () => {
    const other = new HttpBrowser();
    await signInByHttp(cluster, other);
    const confirm = await browser.visit(`${cluster.settings.issuer}/oidc/logout`);
    await browser.submit(confirm, /logout\/confirm/, { logout: 'yes' });
    await expect.poll(() => cluster.appEvents('back_channel_logout').length).toBeGreaterThan(0);
    for (const instance of [0, 1]) {
      const rejected = await open(browser.copy(), instance);
      expect([rejected.url.pathname, rejected.url.searchParams.get('reason')]).toEqual([
        '/sign-in',
        'back_channel_logout',
      ]);
    }
    expect(hasData(await open(other))).toBe(true);
  });

  it('SE-13: the operator’s command revokes the sessions of one user at both, and of no other user', async () => {
    const hers = new HttpBrowser();
    await signInByHttp(cluster, hers, { email: grace });
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['scripts/revoke-sessions.ts', ...args], {
        env: {
          PATH: process.env.PATH,
          NODE_ENV: 'test',
          AUTH_URL: cluster.appOrigin,
          AUTH_ISSUER: cluster.settings.issuer,
          REDIS_URL: cluster.redis.url,
        },
        encoding: 'utf8',
        timeout: 240_000,
      });
    const { user } = await openSeal(
      'session',
      cluster.secrets.appSecret,
      joinSessionCookie(browser.cookies(cluster.appOrigin)),
    );
    expect(run((user as { subject: string }).subject).stdout).toContain('is over');
    for (const instance of [0, 1]) {
      const rejected = await open(browser.copy(), instance);
      expect(rejected.url.searchParams.get('reason')).toBe('revoked_by_operator');
      expect(rejected.html).toContain('An operator ended your session.');
    }
    expect(hasData(await open(hers))).toBe(true);
    expect([run().status, run('a', 'b').status]).toEqual([1, 1]);
  });

  it('RF-03: when an instance is killed in the middle of a refresh, the other takes over and no user is signed out', async () => {
    await expireAccessToken(cluster, browser);
    const before = refreshes();
    const arrived = Promise.withResolvers<void>();
    let requests = 0;
    cluster.proxy.chooseFault = (method, path) => {
      if (!isTokenRequest(method, path)) return null;
      requests += 1;
      arrived.resolve();
      return requests === 1 ? { kind: 'swallow' } : null;
    };
    const lost = open(browser.copy(), 1).catch(() => null);
    await arrived.promise;
    const waiting = open(browser, 0);
    await cluster.kill('application 2');
    await lost;
    // The first page waits for the dead one's lock to end; if a slow machine lets it give up, it says so and the next one has the data.
    const page = await waiting;
    expect(page.url.pathname).toBe('/dashboard/contacts');
    await expect.poll(async () => hasData(await open(browser, 0))).toBe(true);
    expect([refreshes() - before, requests]).toEqual([1, 2]);
    await cluster.start('application 2');
    expect(hasData(await open(browser, 1))).toBe(true);
  });

  it('SE-15: a Redis without an append-only file and without replicas is warned of when an instance starts', async () => {
    await expect.poll(() => cluster.appEvents('store_not_durable').length).toBeGreaterThan(1);
  });

  it('SE-15: Redis emptied while sessions are in use: they go on, refresh, and no user is signed out', async () => {
    const others = [new HttpBrowser(), new HttpBrowser()];
    for (const other of others) await signInByHttp(cluster, other);
    const browsers = [browser, ...others];
    // The cookies are those of a refresh, and its results are among what is lost.
    for (const one of browsers) await expireAccessToken(cluster, one);
    for (const one of browsers) expect(hasData(await open(one))).toBe(true);
    await cluster.redis.flush();
    for (const one of browsers)
      for (const instance of [0, 1]) expect(hasData(await open(one, instance))).toBe(true);
    const before = refreshes();
    for (const one of browsers) await expireAccessToken(cluster, one);
    for (const one of browsers) expect(hasData(await open(one))).toBe(true);
    expect(refreshes() - before).toBe(3);
    // Refresh results are shared again.
    for (const instance of [0, 1]) expect(hasData(await open(browser.copy(), instance))).toBe(true);
    expect(refreshes() - before).toBe(3);
  });

  it('RF-03, SE-15: Redis emptied while a refresh is under way: its holder takes the lock again, and it stays one refresh', async () => {
    await expireAccessToken(cluster, browser);
    const before = refreshes();
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    cluster.proxy.chooseFault = (method, path) => {
      if (!isTokenRequest(method, path)) return null;
      arrived.resolve();
      return { kind: 'hold', until: released.promise };
    };
    const first = open(browser.copy(), 0);
    await arrived.promise;
    await cluster.redis.flush();
    await expect.poll(() => cluster.redis.command('KEYS *lock:*')).toContain(':lock:');
    const second = open(browser.copy(), 1);
    released.resolve();
    for (const page of await Promise.all([first, second]))
      expect(page.url.pathname).toBe('/dashboard/contacts');
    for (const instance of [0, 1])
      await expect.poll(async () => hasData(await open(browser.copy(), instance))).toBe(true);
    expect(refreshes() - before).toBe(1);
  });

  it('SE-04, SE-15: after signing out while Redis is down, a copied cookie is rejected at both as soon as it is back', async () => {
    const page = await open(browser, 0, '/dashboard');
    const copy = browser.copy();
    await cluster.redis.stop();
    await expect.poll(async () => (await fetch(`${cluster.appOrigin}/readyz`)).status).toBe(503);
    await browser.submit({ ...page, url: new URL(cluster.appOrigin) }, /sign-out/);
    expect(joinSessionCookie(browser.cookies(cluster.appOrigin))).toBe('');
    await cluster.redis.start();
    for (const instance of [0, 1])
      await expect.poll(async () => (await open(copy.copy(), instance)).url.pathname).toBe('/sign-in');
  });

  it('SE-15: while Redis is down, good tokens are used, expired ones wait, and no user is signed out', async () => {
    const expired = new HttpBrowser();
    await signInByHttp(cluster, expired);
    await expireAccessToken(cluster, expired);
    const before = refreshes();
    await cluster.redis.stop();
    await expect.poll(async () => (await fetch(`${cluster.appOrigin}/readyz`)).status).toBe(503);
    expect(hasData(await open(browser))).toBe(true);
    const page = await open(expired);
    expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
    expect(page.html).toContain('still signed in');
    // No user can sign in now: a transaction that cannot be consumed is rejected, with a page that says so.
    const rejected = await signInByHttp(cluster, new HttpBrowser());
    expect([rejected.status, rejected.url.searchParams.get('code')]).toEqual([503, 'store_unavailable']);
    expect(rejected.html).toContain('Sessions cannot be checked right now');
    await cluster.redis.start();
    await expect.poll(async () => hasData(await open(expired))).toBe(true);
    expect(refreshes() - before).toBe(1);
    expect(cluster.lines.filter(({ line }) => /unhandled|uncaught/i.test(line))).toEqual([]);
  });

  it('SE-15: a Redis that hangs holds up no page for long', async () => {
    cluster.redis.pause();
    const page = await open(browser);
    expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
    cluster.redis.resume();
    await expect.poll(async () => (await fetch(`${cluster.appOrigin}/readyz`)).status).toBe(200);
  });
});
