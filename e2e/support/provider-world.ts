/**
 * The application with one preset, at a stock server that behaves as the server of that preset does, and what
 * a test does with the two.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type ProviderName, providerPresets } from '../../lib/strongroom/config/provider-presets.ts';
import { diagnose } from './doctor-world.ts';
import type { HttpBrowser, Page } from './http-browser.ts';
import { providerServers } from './provider-servers.ts';
import { expireAccessToken } from './seals.ts';
import { type StockWorld, startStockWorld } from './stock-world.ts';

const [appSecret, usualSecret] = ['mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA', 'kT5bW9qN2rV7xM4pJ8sC6dF1'];

const emptyList = '{"items":[],"page":1,"per_page":20,"total":0}';
const oneContact = JSON.stringify({
  id: 'c_1',
  name: 'Contact of the script',
  email: 'c@example.test',
  updated_at: '2026-03-12T12:00:00Z',
});

export type Started = { world: StockWorld; env: Record<string, string> };

export async function start(name: ProviderName): Promise<Started> {
  const { client, clientSecret = usualSecret, env = () => ({}), ...options } = providerServers[name]();
  let deployed: Record<string, string> = {};
  const world = await startStockWorld({
    ...options,
    client: { ...client, client_secret: clientSecret },
    env: (server, apiOrigin) => {
      const own = env(server, apiOrigin);
      const audience = 'AUTH_AUDIENCE' in own ? String(own.AUTH_AUDIENCE) : '';
      deployed = {
        AUTH_PROVIDER: name,
        AUTH_SECRET: `1:${appSecret}`,
        AUTH_ISSUER: server.issuer,
        AUTH_CLIENT_ID: 'strongroom',
        AUTH_CLIENT_SECRET: clientSecret,
        AUTH_SCOPES: '',
        AUTH_AUTHORIZATION_PARAMS: '',
        API_BASE_URL: apiOrigin,
        // The sample declares a second API, which shares the token here.
        CALENDAR_BASE_URL: apiOrigin,
        CALENDAR_AUDIENCE: audience,
        ...own,
      };
      return deployed;
    },
    respond: (path) => {
      if (path === '/') return { status: 401, headers: { 'www-authenticate': 'Bearer' } };
      return { status: 200, body: path.startsWith('/contacts/') ? oneContact : emptyList };
    },
  });
  return { world, env: { ...deployed, AUTH_URL: world.appOrigin } };
}

export const installation = ({ world }: Started) => ({ appOrigin: world.appOrigin, secrets: { appSecret } });
export const contacts = ({ world }: Started) => `${world.appOrigin}/dashboard/contacts`;
export const signIn = ({ world }: Started, browser: HttpBrowser, query = ''): Promise<Page> =>
  browser.follow(`${world.appOrigin}/auth/sign-in?return_to=/dashboard/contacts${query}`);
export const authorizationsAt = ({ world }: Started) =>
  world.server.requests
    .filter(({ url }) => url.searchParams.get('response_type') === 'code')
    .map(({ url }) => Object.fromEntries(url.searchParams));
export const grantsAt = ({ world }: Started, type: string) =>
  world.server.requests.filter(({ form }) => form.get('grant_type') === type);
export const lastToken = ({ world }: Started) => world.api.tokens.at(-1)?.replace(/^Bearer /, '') ?? '';

/** The audience of a JWT; null for an opaque token. */
export function audienceOf(token: string): unknown {
  const [, claims] = token.split('.');
  return claims === undefined ? null : JSON.parse(Buffer.from(claims, 'base64url').toString()).aud;
}

/** Expires the access token, and opens a page in two tabs at once. @returns how many refreshes that took */
export async function refresh(started: Started, browser: HttpBrowser): Promise<number> {
  await expireAccessToken(installation(started), browser);
  const before = grantsAt(started, 'refresh_token').length;
  const tabs = [browser, browser.copy()];
  const pages = await Promise.all(tabs.map((tab) => tab.visit(contacts(started))));
  for (const page of pages) expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
  return grantsAt(started, 'refresh_token').length - before;
}

/** Lets a used refresh token stay usable until `end`, as Auth0 does for some seconds. */
export function overlapRotation({ world }: Started) {
  const { prototype } = world.server.provider.RefreshToken;
  const { consume } = prototype;
  const used: InstanceType<typeof world.server.provider.RefreshToken>[] = [];
  prototype.consume = async function (this: (typeof used)[number]) {
    used.push(this);
  };
  return {
    async end() {
      prototype.consume = consume;
      await Promise.all(used.map((token) => consume.call(token)));
    },
  };
}

export async function signOut(started: Started, browser: HttpBrowser): Promise<Page> {
  const { appOrigin } = started.world;
  const asked = await browser.submit(await browser.visit(`${appOrigin}/dashboard`), /sign-out/);
  if (asked.url.origin === appOrigin) return asked;
  return browser.submit(asked, /\/confirm/, { logout: 'yes' });
}

/** What the page of the provider shows of the doctor, and what it prints with the addresses of the page. */
export async function compareWithPage(name: ProviderName, { world, env }: Started) {
  const { text, exitCode } = await diagnose(env, []);
  const page = readFileSync(join(import.meta.dirname, `../../docs/providers/${name}.md`), 'utf8');
  const [, block = ''] = /```text\n([\s\S]*?)```/.exec(page) ?? [];
  const printed = text
    .replaceAll(world.server.issuer, providerPresets[name].issuer.example)
    .replaceAll(env.API_BASE_URL ?? '', 'https://api.example.com')
    .replaceAll(world.appOrigin, 'https://app.example.com')
    .split('\n');
  return { exitCode, printed, shown: block.trimEnd().split('\n') };
}
