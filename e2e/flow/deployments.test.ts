/** Deployments that no user notices: changed builds take the place of each other behind the nginx that is shipped. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../../scripts/ports.ts';
import { hasRedis } from '../../scripts/redis-server.ts';
import { BusyUser } from '../support/busy-user.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { certificates, findNginx, startNginx } from '../support/nginx.ts';
import { type RollingStack, startRollingStack } from '../support/rolling-stack.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';

describe.skipIf(findNginx() === null || !hasRedis())('two instances behind nginx', () => {
  const known = getCACertificates('default');
  let rolling: RollingStack;
  beforeAll(async () => {
    setDefaultCACertificates([...known, readFileSync(join(certificates, 'authority.pem'), 'utf8')]);
    rolling = await startRollingStack();
  });
  afterAll(async () => {
    setDefaultCACertificates(known);
    await rolling?.close();
  });

  it('three deployments of changed builds cost no request, no text and no session', async () => {
    const browser = new HttpBrowser();
    const openPage = await signInByHttp(rolling.stack, browser, { returnTo: '/dashboard/messages' });
    const user = new BusyUser(browser, openPage);
    const work = user.work();
    for (const name of ['build-1', 'build-2', 'build-3']) await rolling.deploy(name, () => user.forRounds(2));
    user.leave();
    await work;
    expect(user.failures).toEqual([]);
    expect([rolling.exitCodes, rolling.events('session_rejected')]).toEqual([Array(6).fill(143), []]);
    for (const [event, fields] of [
      ['shutdown_started', { signal: 'SIGTERM' }],
      ['shutdown_completed', { cut: 0 }],
    ] as const)
      expect(rolling.events(event)).toEqual(Array(6).fill(expect.objectContaining(fields)));

    const page = await browser.visit(`${rolling.stack.appOrigin}/dashboard`);
    expect([page.status, page.url.pathname]).toEqual([200, '/dashboard']);
    expect(page.html).toContain('/_next/static/chunks/build-3-');
    expect(openPage.html).toContain('/_next/static/chunks/build-0-');
    const listed = await readMessages(browser, rolling.stack.appOrigin);
    expect(user.posted.filter((text) => !listed.includes(text))).toEqual([]);
    expect(user.posted.slice(0, -2).filter((text) => !user.heard.includes(text))).toEqual([]);
    // Each instance that ended had a stream of this user, or the other one had it.
    expect(user.streams).toBeGreaterThan(3);
  });

  it('LK-03: a callback that no instance takes leaves no code in the log of nginx', async () => {
    const [tls = 0, clear = 0, first = 0, second = 0] = await findFreePorts(4);
    const nginx = await startNginx({ tls, clear, instances: [first, second] });
    try {
      const ask = async (path: string) => (await fetch(`https://localhost:${tls}${path}`)).status;
      for (const path of ['/auth/callback/provider', '/auth/callback/provider/', '/dashboard'])
        expect(await ask(`${path}?code=one-time`)).toBe(502);
      const logged = nginx.errors().filter((line) => line.includes('code=one-time'));
      expect(logged.map((line) => line.match(/GET (\S+)\?/)?.[1])).toEqual(logged.map(() => '/dashboard'));
      expect(logged.length).toBeGreaterThan(0);
    } finally {
      await nginx.close();
    }
  });

  it('browsers speak HTTP/2 to the shipped configuration', async () => {
    const session = connect(rolling.stack.appOrigin);
    const response = await new Promise((resolve, reject) => {
      session.once('error', reject);
      session.request({ ':path': '/healthz' }).once('response', resolve).once('error', reject);
    });
    session.destroy();
    expect([session.alpnProtocol, response]).toEqual(['h2', expect.objectContaining({ ':status': 200 })]);
  });
});

async function readMessages(browser: HttpBrowser, origin: string): Promise<string> {
  let all = '';
  for (let number = 1; ; number += 1) {
    const { html } = await browser.visit(`${origin}/dashboard/messages?page=${number}`);
    all += html;
    if (!html.includes(`page=${number + 1}`)) return all;
  }
}
