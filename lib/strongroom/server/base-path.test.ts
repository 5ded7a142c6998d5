/** The server guard of an application below `/portal`: what it admits, and what it gives to Next. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';

let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({
    AUTH_URL: 'https://app.example/portal',
    BASE_PATH: '/portal',
    REDIRECTED_HOSTS: 'www.app.example',
  });
  guarded = await startGuardedServer();
});
afterEach(() => guarded.close());

/** The address that Next is asked for. */
async function ask(target: string): Promise<string | undefined> {
  await guarded.get(target);
  return guarded.admitted[0]?.url;
}

const code = 'code=c0de&state=s';

describe('the server guard below a base path', () => {
  it.each([
    ['/portal', '/portal'],
    // A proxy in front may add the slash, and Next would remove it, for ever.
    ['/portal/', '/portal'],
    ['/portal/?q=1', '/portal?q=1'],
    ['/portal/sign-in?a=b', '/portal/sign-in?a=b'],
    [`/portal/auth/callback/provider?${code}`, `/portal/auth/callback/provider?${code}`],
    ['/portal/_next/static/a.js', '/portal/_next/static/a.js'],
  ])('admits %s', async (target, given) => {
    expect(await ask(target)).toBe(given);
  });

  it.each([
    ...['/', '/dashboard', '/portals', '/PORTAL/sign-in', '/_next/static/a.js', '/api/gateway/contacts'],
    ...[`/auth/callback/provider?${code}`, `/%70ortal/auth/callback/provider?${code}`],
    ...[`/portal/portal/auth/callback/provider?${code}`, `/portal/%61uth/callback/provider?${code}`],
    `/portal/Auth/callback/provider?${code}`,
  ])(
    'CB-29, RD-09: Next sees nothing of %s, and is asked for its page for unknown addresses',
    async (target) => {
      const response = await guarded.get(target);
      expect(guarded.admitted[0]?.url).toBe('/portal/no-such-address');
      expect(response).toMatch(/referrer-policy: no-referrer/i);
    },
  );

  it.each(['/healthz', '/readyz', '/healthz?x', '/portal/healthz'])('%s is a health check', async (at) => {
    await guarded.exchange(`GET ${at} HTTP/1.1\r\nHost: 10.0.0.7:3000\r\nConnection: close\r\n\r\n`);
    expect(guarded.admitted[0]?.url).toBe(at.startsWith('/portal') ? at : `/portal${at}`);
  });

  it.each([
    ['CB-22: a callback by POST', () => guarded.get('/portal/auth/callback/provider', '', 'POST'), 405],
    ['PX-13: an absolute target', () => guarded.get('http://app.example/portal'), 400],
    ['PX-13: dot segments out of it', () => guarded.get('/portal/../x'), 400],
    ['a doubled slash to the gateway', () => guarded.get('/portal/api/gateway//contacts'), 400],
    ['RL-02: a large form', () => guarded.get('/portal/x', 'Content-Length: 300000\r\n', 'POST'), 413],
  ])('%s is rejected as at the root of a host', async (_what, send, status) => {
    expect(await send()).toContain(`HTTP/1.1 ${status} `);
    expect(guarded.admitted).toEqual([]);
  });

  it('software gets a problem, by its path inside of the application', async () => {
    expect(await guarded.get('/portal/api/gateway//a')).toContain('application/problem+json');
  });

  it('HO-02: another host of the site leads to the same address of the right one', async () => {
    const headers = 'Host: www.app.example\r\nConnection: close\r\n\r\n';
    for (const target of ['/portal/sign-in?a=b', '/'])
      expect(await guarded.exchange(`GET ${target} HTTP/1.1\r\n${headers}`)).toContain(
        `Location: https://app.example${target}\r\n`,
      );
  });
});

describe('RD-04, RD-09: a redirect that Next or a route makes', () => {
  it.each([
    ['/dashboard/confirm', '/portal/dashboard/confirm'],
    ['/', '/portal'],
    ['/portals?a=b', '/portal/portals?a=b'],
    ['/portal/dashboard', '/portal/dashboard'],
    ['/portal', '/portal'],
    ['https://app.example/other', 'https://app.example/other'],
    ['https://issuer.example/authorize', 'https://issuer.example/authorize'],
  ])('to %s leads to %s', async (location, kept) => {
    guarded.listener = (_request, response) => {
      response.statusCode = 303;
      response.setHeader('Location', location);
      response.end();
    };
    const response = await guarded.get('/portal/x');
    expect(/^location: (.*)\r$/im.exec(response)?.[1]).toBe(kept);
  });
});
