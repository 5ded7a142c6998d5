/** What a user of the invoices does, from signing in to signing out, below a path of a host that serves more. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../../scripts/ports.ts';
import { type Application, startApplication } from '../hostile/application.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../hostile/authorization-server.ts';
import { grantOfAccessToken } from '../hostile/server-state.ts';
import { decodeEntities, HttpBrowser, type Page } from '../support/http-browser.ts';
import { type InvoicesApi, startInvoicesApi } from './invoices-api.ts';
import { type SharedHost, startSharedHost } from './shared-host.ts';

let app: Application;
let server: AuthorizationServer;
let api: InvoicesApi;
let host: SharedHost;
let address = '';

/** That of the build. */
const basePath = process.env.BASE_PATH ?? '';

beforeAll(async () => {
  const [port = 0, appPort = 0] = await findFreePorts(2);
  address = `http://localhost:${port}${basePath}`;
  host = await startSharedHost({ port, appPort, basePath });
  const client = { id: 'ledger', secret: randomBytes(24).toString('base64url'), audience: '' };
  api = await startInvoicesApi((token) => grantOfAccessToken(server, token));
  server = await startAuthorizationServer({
    ...client,
    redirectUri: `${address}/auth/callback/provider`,
    audience: api.origin,
  });
  app = await startApplication(appPort, {
    AUTH_URL: address,
    AUTH_SECRET: `1:${randomBytes(32).toString('base64url')}`,
    AUTH_ISSUER: server.issuer,
    AUTH_CLIENT_ID: client.id,
    AUTH_CLIENT_SECRET: client.secret,
    AUTH_AUDIENCE: api.origin,
    API_BASE_URL: api.origin,
  });
});
afterAll(() => Promise.all([app?.close(), server?.close(), api?.close(), host?.close()]));

const browser = new HttpBrowser();
const open = (path: string) => browser.follow(address + path);
const readOnly = { token: { members: { scope: 'openid profile email offline_access read:invoices' } } };

/** Follows a link of the page by what its address contains. */
function followLink(page: Page, part: string): Promise<Page> {
  const links = [...page.html.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => decodeEntities(href));
  const href = links.find((link) => link.includes(part));
  if (href === undefined) throw new Error(`No link with ${part} on ${page.url.pathname}: ${links.join(' ')}`);
  return browser.follow(new URL(href, page.url));
}

const textOf = ({ html }: Page) =>
  decodeEntities(html.replace(/<script[\s\S]*?<\/script>|<[^>]+>|<!-- -->/g, ''));

describe('invoices', () => {
  it('ask visitors to sign in, under the name of this product', async () => {
    const page = await open('/dashboard/invoices');
    expect(page.url.pathname).toBe(`${basePath}/sign-in`);
    expect(textOf(page)).toContain('You will come back to Invoices.');
    expect(textOf(await open('/'))).toContain('Your invoices, behind one sign-in.');
  });

  it('are listed after signing in', async () => {
    server.fault = readOnly;
    const page = await followLink(await open('/dashboard/invoices'), '/auth/sign-in');
    expect(page.url.pathname).toBe(`${basePath}/dashboard/invoices`);
    expect(textOf(page)).toMatch(/Ada Lovelace.*€1,200\.00.*Grace Hopper.*€42\.50/);
    expect(textOf(await open('/dashboard'))).toContain('2 invoices');
  });

  it('are shown one by one, and a missing one is no failure', async () => {
    const page = await followLink(await open('/dashboard/invoices'), '/dashboard/invoices/i_gracehopper');
    expect(textOf(page)).toMatch(/Customer.*Grace Hopper.*Total.*€42\.50/);
    expect(textOf(await open('/dashboard/invoices/i_none'))).toContain('There is nothing here.');
  });

  it('are created once the permission for it is granted', async () => {
    const without = await open('/dashboard/invoices');
    expect(textOf(without)).toContain('This needs the extra permission ‘Create invoices’.');
    server.fault = {};
    const granted = await followLink(without, 'permission=write');
    expect(server.grants.at(-1)?.request.get('scope')?.split(' ')).toContain('write:invoices');
    const created = await browser.submit(granted, /Create invoice/, {
      customer: 'Alan Turing',
      total: '7.5',
    });
    expect(textOf(created)).toContain('The invoice to Alan Turing is created.');
    expect(textOf(await open('/dashboard/invoices'))).toMatch(/Alan Turing.*€7\.50.*Ada Lovelace/);
    expect(api.invoices).toHaveLength(3);
  });

  it('answer scripts of their own pages through the gateway, and nothing that its table leaves out', async () => {
    const headers = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'application/json' };
    const ask = (path: string) => browser.follow(`${address}/api/gateway/${path}`, { headers });
    expect(JSON.parse((await ask('invoices?page=1')).html).total).toBe(3);
    expect((await ask('invoices/i_adalovelace')).status).toBe(404);
    expect((await ask('contacts')).status).toBe(404);
  });

  it('are there again after the API has rejected a token: the page leads through a refresh and back', async () => {
    api.rejected.add(server.grants.at(-1)?.accessTokens.at(-1) ?? '');
    const page = await open('/dashboard/invoices?page=1');
    expect(page.responses.map(({ url }) => url.pathname.slice(basePath.length))).toEqual([
      '/dashboard/invoices',
      '/auth/refresh',
      '/dashboard/invoices',
    ]);
    expect(textOf(page)).toContain('Alan Turing');
  });

  it('are shown after a stronger sign-in when the API wants one', async () => {
    api.wantsStrongSignIn = true;
    Object.assign(server.user, { acr: 'strong' });
    const asked = await open('/dashboard/invoices');
    expect(textOf(asked)).toContain('This needs you to sign in again.');
    const page = await followLink(asked, 'step_up=');
    expect(page.url.href).toBe(`${address}/dashboard/invoices`);
    expect(textOf(page)).toContain('Alan Turing');
    api.wantsStrongSignIn = false;
  });

  it('that are sent without a session lead to signing in', async () => {
    const page = await open('/dashboard/invoices');
    const stranger = new HttpBrowser();
    const led = await stranger.submit(page, /Create invoice/, { customer: 'Nobody', total: '1' });
    expect(led.url.pathname).toBe(`${basePath}/sign-in`);
  });

  it('come back to a page that was named with the base path, and to none outside of it', async () => {
    for (const [wanted, path] of [
      [`${basePath}/dashboard/session`, '/dashboard/session'],
      ['/../../dashboard/session', '/dashboard/session'],
      ['/..%2f..%2fother', '/dashboard/invoices'],
    ]) {
      const query = new URLSearchParams({ return_to: wanted ?? '' });
      expect((await open(`/auth/sign-in?${query}`)).url.href).toBe(address + path);
    }
  });

  it('are gone with the session after signing out, and no token ever reached the browser', async () => {
    const page = await browser.submit(await open('/dashboard/session'), /sign-out/);
    expect(page.url.href).toMatch(new RegExp(`^${address}/signed-out`));
    expect((await open('/dashboard/invoices')).url.pathname).toBe(`${basePath}/sign-in`);
    const tokens = server.grants.flatMap(({ accessTokens, refreshTokens }) => [
      ...accessTokens,
      ...refreshTokens,
    ]);
    expect(tokens.length).toBeGreaterThan(3);
    expect(tokens.filter((token) => browser.received.some((text) => text.includes(token)))).toEqual([]);
  });
});

/** `BASE_PATH=/tools/ledger npm test`: the host serves another application beside this one. */
describe.runIf(basePath !== '')('the host', () => {
  const outside = () => new URL(address).origin;

  it('forgets what was typed when a user signs out, whatever else it stores in the browser', async () => {
    await followLink(await open('/dashboard/session'), '/auth/sign-in');
    const page = await browser.submit(await open('/dashboard/session'), /sign-out/, {}, { maxRedirects: 0 });
    expect(page.headers.get('clear-site-data')).toBe('"cache", "storage"');
  });

  it('shows home with and without a slash, files and pages that do not exist', async () => {
    const home = await open('/');
    expect([home.status, home.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("'nonce-"),
    ]);
    expect((await browser.visit(address)).html).toContain('Your invoices');
    const [script = ''] = /[^"]+\/_next\/static\/[^"]+\.js/.exec(home.html) ?? [];
    const icon = /rel="icon" href="([^"]+)"/.exec(home.html)?.[1] ?? '';
    for (const path of [script, icon])
      expect([path, (await browser.visit(outside() + decodeEntities(path))).status]).toEqual([
        expect.stringMatching(new RegExp(`^${basePath}/`)),
        200,
      ]);
    expect(textOf(await open('/nothing'))).toContain('There is no page here');
  });

  it('was never asked for anything outside of the base path', async () => {
    expect(host.astray).toEqual([]);
    expect(server.oracle.breaches).toEqual([]);
    expect((await browser.visit(`${outside()}/auth/callback/provider`)).html).toBe('Another application');
  });

  it('OP-01: is served by no process whose address is another than that of its build', async () => {
    const [port = 0] = await findFreePorts(1);
    const start = startApplication(port, { AUTH_URL: outside() });
    await expect(start).rejects.toThrow(`AUTH_URL has no path, and this build is for ${basePath}`);
  });
});
