import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nowSec } from '../base/clock';
import { loadSession } from '../session/load-session';
import { writeSession } from '../session/session-cookie';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';
import { buildSession, buildTokens } from '../testing/sessions';
import { watchStore } from '../testing/watched-store';
import { createPageGuard } from './page-guard';

const routes = {
  guarded: ['^/(?!healthz$)'],
  served: ['^/$', '^/dashboard$', '^/healthz$'],
  isAliveOurs: false,
};
let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment();
  guarded = await startGuardedServer(createPageGuard(routes));
});
afterEach(() => guarded.close());

const nonceIn = (text: string) => /'nonce-([^']+)'/.exec(text)?.[1] ?? 'none';

describe('the page guard', () => {
  it('SE-15: hands the session over to the page, which asks the store no more, and answers no cookie of another', async () => {
    const store = watchStore();
    const jar = createTestJar();
    const endsAtSec = nowSec() + 3600;
    const tokens = buildTokens({ obtainedAtSec: nowSec(), expiresAtSec: endsAtSec });
    await writeSession(jar, buildSession({ endsAtSec, lastSeenAtSec: nowSec(), tokens }));
    store.calls.length = 0;
    guarded.listener = async (_request, response) => {
      const { kind } = await loadSession(createTestJar());
      response.end(`the session is ${kind}`);
    };
    const [[name, value] = []] = jar.cookies;
    expect(await guarded.get('/dashboard', `Cookie: ${name}=${value}\r\n`)).toContain(
      'the session is active',
    );
    expect(store.calls).toHaveLength(1);
    expect(await guarded.get('/')).toContain('the session is absent');
  });

  it('LK-01: hands no session over to the page for unknown addresses, which is kept for others', async () => {
    watchStore();
    const jar = createTestJar();
    const endsAtSec = nowSec() + 3600;
    const tokens = buildTokens({ obtainedAtSec: nowSec(), expiresAtSec: endsAtSec });
    await writeSession(jar, buildSession({ endsAtSec, lastSeenAtSec: nowSec(), tokens }));
    guarded.listener = async (request, response) => {
      const { kind } = await loadSession(createTestJar());
      response.statusCode = 404;
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      const nonce = nonceIn(request.headers['content-security-policy']?.toString() ?? '');
      response.end(`<script nonce="${nonce}"></script> the session is ${kind}`);
    };
    const [[name, value] = []] = jar.cookies;
    expect(await guarded.get('/dashboard/nope', `Cookie: ${name}=${value}\r\n`)).toContain(
      'the session is absent',
    );
    expect(await guarded.get('/nowhere')).toContain('the session is absent');
  });

  it('leaves alone what proxy.ts leaves alone', async () => {
    expect(await guarded.get('/healthz')).not.toMatch(/content-security-policy/i);
    expect(guarded.admitted).toHaveLength(1);
  });

  it('FW-02: asks Next nothing for a request without a session, and leads it to the page whose data it wanted', async () => {
    for (const path of ['/dashboard?q=a%20b', '/dashboard?q=a%20b&_rsc=1', '/dashboard.rsc?_rsc=1&q=a%20b'])
      expect(await guarded.get(path)).toMatch(
        /^HTTP\/1\.1 303 [\s\S]*location: \S+\/sign-in\?return_to=%2Fdashboard%3Fq%3Da(?:%2520|%2B)b\r\n/i,
      );
    expect(guarded.admitted).toEqual([]);
  });
});

/** As Next renders it, with what only a request could tell. */
const unknownPage: RequestListener = (request, response) => {
  const { cookie, 'user-agent': agent, referer, 'accept-language': language } = request.headers;
  const nonce = nonceIn(request.headers['content-security-policy']?.toString() ?? '');
  response.statusCode = 404;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Link', `</a.js>; rel=preload; nonce="${nonce}"`);
  response.setHeader('X-Private', 'of this request');
  response.write(`<script nonce="${nonce}"></script>${request.url} ${cookie} ${agent} ${referer} `);
  response.end(`language: ${language}`);
};

describe('an address that the build does not have', () => {
  const headers = 'Cookie: a=secret\r\nUser-Agent: mine\r\nReferer: https://app.example/private\r\n';
  const body = (response: string) => response.split('\r\n\r\n')[1]?.replace(/[\da-f]+\r\n/g, '');

  it('LK-01: gets the page of the application, rendered once, of no visitor, and with a nonce of its own', async () => {
    guarded.listener = unknownPage;
    const [first, second] = [
      await guarded.get('/wp-login.php?code=secret', headers),
      await guarded.get('/nowhere'),
    ];
    expect(guarded.admitted).toHaveLength(1);
    for (const response of [first, second]) {
      expect(response).toMatch(/^HTTP\/1\.1 404 /);
      const nonce = nonceIn(response);
      expect(response).toContain(
        `<script nonce="${nonce}"></script>/no-such-address undefined undefined undefined`,
      );
      expect(response).toContain(`nonce="${nonce}"\r\n`);
      expect(response).not.toMatch(/secret|private"|mine/);
    }
    expect(nonceIn(first)).not.toBe(nonceIn(second));
    expect(second).not.toMatch(/x-private/i);
    expect(second).toMatch(/content-length: \d+/i);
  });

  it('is rendered for each language', async () => {
    guarded.listener = unknownPage;
    for (const language of ['de', 'en', 'de'])
      expect(await guarded.get('/nowhere', `Accept-Language: ${language}\r\n`)).toContain(
        `language: ${language}`,
      );
    expect(guarded.admitted).toHaveLength(2);
    expect(await guarded.get('/nowhere', `Accept-Language: ${'x'.repeat(2_000)}\r\n`)).not.toContain('xxx');
  });

  it('is asked for again while what Next sends is no page for it', async () => {
    guarded.listener = (_request, response) => response.writeHead(500).end('broken');
    await guarded.get('/nowhere');
    guarded.listener = unknownPage;
    expect(await guarded.get('/nowhere')).toContain('404');
    expect(await guarded.get('/nowhere')).toContain('404');
    expect(guarded.admitted).toHaveLength(2);
  });

  it('has no body for HEAD, and a line for what shows no page', async () => {
    guarded.listener = unknownPage;
    await guarded.get('/nowhere');
    expect(body(await guarded.get('/nowhere', '', 'HEAD'))).toBe('');
    for (const header of ['sec-fetch-dest: image\r\n', 'rsc: 1\r\n'])
      expect(await guarded.get('/nowhere', header)).toMatch(/ 404 [\s\S]*Not Found$/);
    expect(guarded.admitted).toHaveLength(1);
  });
});

describe('a health check', () => {
  it('is answered without Next, as its route would answer it', async () => {
    const alive = await startGuardedServer(createPageGuard({ ...routes, isAliveOurs: true }));
    const response = await alive.get('/healthz?from=balancer');
    expect(response).toMatch(/^HTTP\/1\.1 200 /);
    expect(response).toMatch(/^content-type: application\/json\r$/im);
    expect(response).toMatch(/^cache-control: no-store\r$/im);
    expect(response).toContain('{"status":"ok"}');
    expect(await alive.get('/healthz', '', 'HEAD')).toMatch(/ 200 [\s\S]*\r\n\r\n$/);
    expect(alive.admitted).toEqual([]);
    await alive.close();
  });

  it('reaches the adopter’s own route where there is one', async () => {
    await guarded.get('/healthz');
    expect(guarded.admitted).toHaveLength(1);
  });
});
