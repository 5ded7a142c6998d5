/** The application where tokens are bound to a key of their session. @see RFC 9449 */
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../../scripts/ports.ts';
import { untilTestEnds } from '../hostile/journey.ts';
import { type DpopApi, startDpopApi } from '../support/dpop-api.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { askAsScript } from '../support/page-script.ts';
import { type StockWorld, startStockWorld } from '../support/stock-world.ts';

const contacts = '/dashboard/contacts';

describe('servers that require DPoP, with nonces', () => {
  let world: StockWorld;
  let api: DpopApi;
  beforeAll(async () => {
    api = await startDpopApi(async (token) => (await world.server.provider.AccessToken.find(token))?.jkt);
    world = await startStockWorld({
      client: { dpop_bound_access_tokens: true },
      configuration: {
        features: { dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true } },
        ttl: { AccessToken: 60 },
      },
      env: { API_BASE_URL: api.origin },
    });
  });
  afterAll(() => Promise.all([world?.close(), api?.close()]));

  const signIn = async () => {
    const browser = new HttpBrowser();
    const page = await browser.follow(`${world.appOrigin}/auth/sign-in?return_to=${contacts}`);
    expect([page.status, page.url.pathname]).toEqual([200, contacts]);
    expect(page.html).toContain('Stock User');
    return browser;
  };
  const ask = (browser: HttpBrowser, path: string, init: Parameters<typeof askAsScript>[2] = {}) =>
    askAsScript({ browser, origin: world.appOrigin }, `/api/gateway${path}`, init);
  const tokenRequests = () => world.server.requests.filter(({ form }) => form.has('grant_type'));

  it('CA-04, CA-05, CA-06: sign in, with the code bound to the key, and one retry for the nonce of each server', async () => {
    await signIn();
    const asked = world.server.requests.find(({ form }) => form.has('dpop_jkt'));
    const proofs = tokenRequests().map(({ headers }) => String(headers.dpop));
    const keys = proofs.map((proof) => calculateJwkThumbprint(decodeProtectedHeader(proof).jwk as JWK));
    expect(await Promise.all(keys)).toEqual(Array(2).fill(asked?.form.get('dpop_jkt')));
    expect(world.app.events('signed_in')).toHaveLength(1);
    expect(api.faults).toEqual([]);
    expect(api.requests.slice(0, 2)).toEqual([
      expect.stringMatching(/^GET \/contacts\?.* 401$/),
      expect.stringMatching(/^GET \/contacts\?.* 200$/),
    ]);
  });

  it('CA-06: two sessions with fifty calls each at a time never share a key, a token or a nonce', async () => {
    const browsers = [await signIn(), await signIn()];
    const calls = browsers.flatMap((browser) =>
      Array.from({ length: 50 }, () => ask(browser, '/contacts?page=2')),
    );
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(api.faults).toEqual([]);
    for (const keys of api.keys.values()) expect(keys.size).toBe(1);
    const all = [...api.keys.values()].flatMap((keys) => [...keys]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('CA-05: a long upload, which can be sent once only, arrives whole though its nonce is asked for', async () => {
    const browser = await signIn();
    const body = new Uint8Array(randomBytes(300_000));
    for (let count = 0; count < 2; count += 1) {
      const headers = { 'content-type': 'image/png' };
      const response = await ask(browser, '/contacts/c_1/picture', { method: 'PUT', headers, body });
      expect(response.status).toBe(200);
    }
    expect(api.uploads.map((upload) => upload.equals(body))).toEqual([true, true]);
    expect(api.faults).toEqual([]);
  });

  it('CA-04, CA-07: a refresh has a proof of the same key, and the page has nothing of it', async () => {
    const browser = await signIn();
    const [token = '', keys] = [...api.keys].at(-1) ?? [];
    await (await world.server.provider.AccessToken.find(token))?.destroy();
    const page = await browser.visit(world.appOrigin + contacts);
    expect([page.status, page.url.pathname]).toEqual([200, contacts]);
    const refresh = tokenRequests().findLast(({ form }) => form.get('grant_type') === 'refresh_token');
    const { jwk } = decodeProtectedHeader(String(refresh?.headers.dpop));
    expect([await calculateJwkThumbprint(jwk as JWK)]).toEqual([...(keys ?? [])]);
    expect([...api.keys].at(-1)).toEqual([expect.not.stringMatching(token), keys]);
    expect(api.faults).toEqual([]);
    expect(page.html).not.toContain(jwk?.x);
  });
});

describe('an API that takes bound tokens alone, and is down when the application starts', () => {
  let world: StockWorld;
  let api: DpopApi | null = null;
  let port = 0;
  beforeAll(async () => {
    [port = 0] = await findFreePorts(1);
    world = await startStockWorld({
      configuration: { features: { dPoP: { enabled: true } } },
      env: { API_BASE_URL: `http://127.0.0.1:${port}` },
    });
  });
  afterAll(() => Promise.all([world?.close(), api?.close()]));

  it('CA-08: its users are asked to sign in again when it is there, with the reason, and then see their data', async () => {
    const browser = new HttpBrowser();
    const signIn = () => browser.follow(`${world.appOrigin}/auth/sign-in?return_to=${contacts}`);
    const bound = () => world.app.events('sign_in_started').map(({ isBound }) => isBound);
    expect((await signIn()).status).toBe(200);
    expect(bound()).toEqual([false]);
    api = await startDpopApi(
      async (token) => (await world.server.provider.AccessToken.find(token))?.jkt,
      port,
    );
    const visit = async () => (await browser.follow(world.appOrigin + contacts)).url.pathname;
    await expect.poll(visit, untilTestEnds).toBe('/sign-in');
    const asked = await browser.follow(world.appOrigin + contacts);
    expect(asked.url.searchParams.get('reason')).toBe('dpop_required');
    expect(asked.html).toContain('needs a sign-in that is better protected');
    // Pages that need no such token are there as before.
    expect((await browser.follow(`${world.appOrigin}/dashboard/session`)).url.pathname).toBe(
      '/dashboard/session',
    );
    expect([(await signIn()).url.pathname, bound().at(-1)]).toEqual([contacts, true]);
    expect(api.requests.at(-1)).toMatch(/^GET \/contacts\?.* 200$/);
    expect(api.faults).toEqual([]);
  });
});

describe('servers that do not keep to DPoP', () => {
  let world: StockWorld;
  let respond: ((count: number) => { status: number; body: object; nonce: string }) | null = null;
  let count = 0;
  beforeAll(async () => {
    world = await startStockWorld({
      configuration: { features: { dPoP: { enabled: false } } },
      env: { AUTH_DPOP: 'always' },
      before: async (ctx, next) => {
        if (ctx.path !== '/token' || respond === null) return next();
        count += 1;
        const { status, body, nonce } = respond(count);
        ctx.set('dpop-nonce', nonce);
        Object.assign(ctx, { status, body });
      },
    });
  });
  afterAll(() => world?.close());

  const signIn = () => new HttpBrowser().follow(`${world.appOrigin}/auth/sign-in?return_to=${contacts}`);

  it('CA-08: bearer tokens though DPoP was asked for are rejected, and the log has the reason', async () => {
    const page = await signIn();
    expect(page.url.pathname).toBe('/sign-in/problem');
    expect(page.url.searchParams.get('code')).toBe('configuration_invalid');
    expect(world.app.events('sign_in_rejected')).toEqual([
      expect.objectContaining({ reason: 'dpop_not_bound' }),
    ]);
  });

  it('CA-05: a server that demands another nonce each time is asked twice, and called not available', async () => {
    respond = (number) => ({ status: 400, body: { error: 'use_dpop_nonce' }, nonce: `nonce-${number}` });
    const page = await signIn();
    expect(page.url.searchParams.get('code')).toBe('temporarily_unavailable');
    expect(world.app.events('sign_in_rejected').at(-1)).toMatchObject({ reason: 'use_dpop_nonce' });
    expect(count).toBe(2);
  });
});
