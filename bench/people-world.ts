/**
 * The servers around the applications that a bench compares: an authorization server and an API in this process, and
 * each application in a process of its own, started as it is in production.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { HttpBrowser } from '../e2e/support/http-browser.ts';
import { type StockServer, startStockServer } from '../e2e/support/stock-server.ts';
import { type Child, startChild, waitUntilReady } from '../scripts/child.ts';
import { findFreePorts } from '../scripts/ports.ts';
import { baseEnv } from '../scripts/stack-settings.ts';
import { respondAsApi } from './people-api.ts';

export type RunningApp = { origin: string; pid: number; child: Child };
export type PeopleWorld = {
  server: StockServer;
  /** What the applications seal their cookies with. */
  appSecret: string;
  /** An application without sign-in. */
  startFloor(folder: string): Promise<RunningApp>;
  /** One of the two with the core. */
  startOurs(folder: string, env?: Readonly<Record<string, string>>): Promise<RunningApp>;
  close(): Promise<void>;
};

/** Characters of an access token, as servers with JWTs issue them. */
const tokenChars = 1_024;
const clientId = 'bench';
export const peoplePath = '/dashboard/people';

/** How much the heap of each application may hold: what `npm start` allows, or as much as Node likes. */
export const heaps = ['shipped', 'free'] as const;
type WorldSettings = { tokenSec?: number; heap?: (typeof heaps)[number] };

export async function startPeopleWorld({
  tokenSec = 3_600,
  heap = 'shipped',
}: WorldSettings = {}): Promise<PeopleWorld> {
  const isHeapFlag = (arg: string) => arg.startsWith('--max-');
  const heapFlags = heap === 'free' ? [] : startCommandOf('').filter(isHeapFlag);
  const ports = await findFreePorts(8);
  const api = await startApi();
  const apiOrigin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const secret = randomBytes(32).toString('base64url');
  const server = await startServer(ports, secret, { apiOrigin, tokenSec });
  const apps: RunningApp[] = [];
  const launch = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
    const port = ports[apps.length] ?? 0;
    const origin = `http://localhost:${port}`;
    const child = startChild({
      name: 'application',
      args,
      env: { ...bareEnv(), API_BASE_URL: apiOrigin, ...env, AUTH_URL: origin, PORT: String(port) },
    });
    const app = { origin, pid: child.pid, child };
    apps.push(app);
    await waitUntilReady(child, `http://127.0.0.1:${port}/healthz`);
    return app;
  };
  const appSecret = randomBytes(32).toString('base64url');
  const oursEnv = {
    AUTH_SECRET: `1:${appSecret}`,
    COOKIE_NAME: 'strongroom',
    AUTH_ISSUER: server.issuer,
    AUTH_CLIENT_ID: clientId,
    AUTH_CLIENT_SECRET: secret,
    AUTH_AUDIENCE: apiOrigin,
    AUTH_SCOPES: 'openid profile email offline_access',
    AUTH_AUTHORIZATION_PARAMS: 'prompt=consent',
    CALENDAR_BASE_URL: apiOrigin,
    CALENDAR_AUDIENCE: apiOrigin,
    RATE_LIMIT_PER_MINUTE: '1000000',
  };
  return {
    server,
    appSecret,
    startFloor: (folder) => launch([...heapFlags, join(folder, 'server.js')], {}),
    startOurs: (folder, env = {}) => {
      const own = startCommandOf(folder).filter((arg) => !isHeapFlag(arg));
      return launch([...heapFlags, ...own], { ...oursEnv, ...env });
    },
    close: async () => {
      await Promise.all([...apps.map(({ child }) => child.stop()), server.close()]);
      api.closeAllConnections();
      api.close();
    },
  };
}

/** The arguments of Node in `npm start`, for a build elsewhere. */
function startCommandOf(folder: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  const [, ...args] = String(scripts.start).split(' ');
  return args.map((arg) => arg.replace('.next/standalone', folder));
}

/** Signs a user in, whom the server asks nothing. @returns their browser, on the page */
export async function signIn({ origin }: Pick<RunningApp, 'origin'>): Promise<HttpBrowser> {
  const browser = new HttpBrowser();
  const page = await browser.follow(`${origin}/auth/sign-in?return_to=${encodeURIComponent(peoplePath)}`);
  if (page.status !== 200 || page.url.pathname !== peoplePath)
    throw new Error(`Signing in led to ${page.url.pathname} with status ${page.status}.`);
  return browser;
}

type ServerSettings = { apiOrigin: string; tokenSec: number };

function startServer(ports: readonly number[], secret: string, { apiOrigin, tokenSec }: ServerSettings) {
  let users = 0;
  return startStockServer({
    nextSubject: () => {
      users += 1;
      return `user-${users}`;
    },
    clients: [
      {
        client_id: clientId,
        client_secret: secret,
        redirect_uris: ports.map((port) => `http://localhost:${port}/auth/callback/provider`),
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    configuration: {
      ttl: { AccessToken: tokenSec },
      features: {
        resourceIndicators: {
          enabled: true,
          defaultResource: () => apiOrigin,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: '',
            accessTokenTTL: tokenSec,
            accessTokenFormat: 'opaque',
          }),
        },
      },
      formats: { bitsOfOpaqueRandomness: (_ctx: unknown, token: { kind: string }) => bitsOf(token.kind) },
    } as never,
  });
}

/** Six bits a character. */
function bitsOf(kind: string): number {
  return kind === 'AccessToken' ? tokenChars * 6 : 256;
}

async function startApi(): Promise<Server> {
  const api = createServer(respondAsApi);
  await new Promise<void>((resolve) => void api.listen(0, '127.0.0.1', resolve));
  return api;
}

function bareEnv() {
  const options = { appPort: 0, authorizationServerPort: 0, apiPort: 0, stateFolder: '' };
  return { ...baseEnv(options), HOSTNAME: '127.0.0.1' };
}
