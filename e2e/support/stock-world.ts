/**
 * The application as it is deployed at somebody else's authorization server: a stock server and an API in the
 * test's process, and one process of the production build.
 */
import { randomBytes } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import { findFreePorts } from '../../scripts/ports.ts';
import { type Application, startApplication } from '../hostile/application.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from './scripted-api.ts';
import { type StockServer, type StockServerOptions, startStockServer } from './stock-server.ts';

export type StockWorld = {
  /** Where it listens, in the clear. */
  appOrigin: string;
  app: Application;
  server: StockServer;
  api: ScriptedApi;
  /** Starts the application anew, with changes of its environment. */
  restart(changes?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
};

type Options = Omit<StockServerOptions, 'clients'> & {
  /** On top of a confidential client with code and refresh token; `undefined` takes a field away. */
  client?: Partial<ClientMetadata> | ((appOrigin: string) => Partial<ClientMetadata>);
  /** On top of what every application needs; '' takes a variable away. */
  env?:
    | Readonly<Record<string, string>>
    | ((server: StockServer, apiOrigin: string) => Record<string, string>);
  /** The application is known by an https address, and its requests come without the proxy that would end TLS. */
  isHttps?: boolean;
  respond?: (path: string, count: number, method: string) => ScriptedResponse;
};

const stockClientId = 'strongroom';

export async function startStockWorld({
  client,
  env = {},
  isHttps = false,
  respond,
  ...options
}: Options): Promise<StockWorld> {
  const [appPort = 0] = await findFreePorts(1);
  const appOrigin = `http://localhost:${appPort}`;
  const secret = randomBytes(32).toString('base64url');
  const publicOrigin = isHttps ? appOrigin.replace('http:', 'https:') : appOrigin;
  const chosen = typeof client === 'function' ? client(appOrigin) : client;
  const clients = [{ ...describeClient(publicOrigin, secret), ...chosen }];
  const server = await startStockServer({ ...options, clients });
  const api = await startScriptedApi(0, respond ?? emptyList);
  const apiOrigin = `http://127.0.0.1:${api.port}`;
  const environment = {
    AUTH_URL: publicOrigin,
    AUTH_SECRET: `1:${randomBytes(32).toString('base64url')}`,
    AUTH_ISSUER: server.issuer,
    AUTH_CLIENT_ID: stockClientId,
    AUTH_CLIENT_SECRET: secret,
    AUTH_SCOPES: 'openid profile email offline_access',
    AUTH_AUTHORIZATION_PARAMS: 'prompt=consent',
    API_BASE_URL: apiOrigin,
    ...(typeof env === 'function' ? env(server, apiOrigin) : env),
  };
  const world: StockWorld = {
    appOrigin,
    app: await startApplication(appPort, environment),
    server,
    api,
    async restart(changes = {}) {
      await world.app.close();
      Object.assign(environment, changes);
      world.app = await startApplication(appPort, environment);
    },
    close: async () => void (await Promise.all([world.app.close(), server.close(), api.close()])),
  };
  return world;
}

function describeClient(appOrigin: string, secret: string): ClientMetadata {
  return {
    client_id: stockClientId,
    client_secret: secret,
    redirect_uris: [`${appOrigin}/auth/callback/provider`],
    post_logout_redirect_uris: [`${appOrigin}/signed-out`],
    grant_types: ['authorization_code', 'refresh_token'],
  };
}

function emptyList(): ScriptedResponse {
  return { status: 200, body: '{"items":[],"page":1,"per_page":20,"total":0}' };
}
