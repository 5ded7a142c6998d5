/** What a user of the invoices does, from signing in to signing out. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../../scripts/ports.ts';
import { type Application, startApplication } from '../hostile/application.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../hostile/authorization-server.ts';
import { grantOfAccessToken } from '../hostile/server-state.ts';
import { decodeEntities, HttpBrowser, type Page } from '../support/http-browser.ts';
import { type InvoicesApi, startInvoicesApi } from './invoices-api.ts';

let app: Application;
let server: AuthorizationServer;
let api: InvoicesApi;

beforeAll(async () => {
  const [port = 0] = await findFreePorts(1);
  const client = { id: 'ledger', secret: randomBytes(24).toString('base64url'), audience: '' };
  api = await startInvoicesApi((token) => grantOfAccessToken(server, token));
  server = await startAuthorizationServer({
    ...client,
    redirectUri: `http://localhost:${port}/auth/callback/provider`,
    audience: api.origin,
  });
  app = await startApplication(port, {
    AUTH_URL: `http://localhost:${port}`,
    AUTH_SECRET: `1:${randomBytes(32).toString('base64url')}`,
    AUTH_ISSUER: server.issuer,
    AUTH_CLIENT_ID: client.id,
    AUTH_CLIENT_SECRET: client.secret,
    AUTH_AUDIENCE: api.origin,
    API_BASE_URL: api.origin,
  });
});
afterAll(() => Promise.all([app?.close(), server?.close(), api?.close()]));

const browser = new HttpBrowser();
const open = (path: string) => browser.follow(new URL(path, app.origin));
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
    expect(page.url.pathname).toBe('/sign-in');
    expect(textOf(page)).toContain('You will come back to Invoices.');
    expect(textOf(await open('/'))).toContain('Your invoices, behind one sign-in.');
  });

  it('are listed after signing in', async () => {
    server.fault = readOnly;
    const page = await followLink(await open('/dashboard/invoices'), '/auth/sign-in');
    expect(page.url.pathname).toBe('/dashboard/invoices');
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
    const ask = (path: string) => browser.follow(new URL(`/api/gateway/${path}`, app.origin), { headers });
    expect(JSON.parse((await ask('invoices?page=1')).html).total).toBe(3);
    expect((await ask('invoices/i_adalovelace')).status).toBe(404);
    expect((await ask('contacts')).status).toBe(404);
  });

  it('are gone with the session after signing out, and no token ever reached the browser', async () => {
    const page = await browser.submit(await open('/dashboard/session'), /sign-out/);
    expect(page.url.pathname).toBe('/signed-out');
    expect((await open('/dashboard/invoices')).url.pathname).toBe('/sign-in');
    const tokens = server.grants.flatMap(({ accessTokens, refreshTokens }) => [
      ...accessTokens,
      ...refreshTokens,
    ]);
    expect(tokens.length).toBeGreaterThan(3);
    expect(tokens.filter((token) => browser.received.some((text) => text.includes(token)))).toEqual([]);
  });
});
