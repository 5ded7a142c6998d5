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
  appOrigin: string;
  app: Application;
  server: StockServer;
  api: ScriptedApi;
  close(): Promise<void>;
};

type Options = Omit<StockServerOptions, 'clients'> & {
  /** On top of a confidential client with code and refresh token; `undefined` takes a field away. */
  client?: Partial<ClientMetadata>;
  /** On top of what every application needs; '' takes a variable away. */
  env?:
    | Readonly<Record<string, string>>
    | ((server: StockServer, apiOrigin: string) => Record<string, string>);
  respond?: (path: string, count: number, method: string) => ScriptedResponse;
};

const stockClientId = 'strongroom';

export async function startStockWorld({
  client,
  env = {},
  respond,
  ...options
}: Options): Promise<StockWorld> {
  const [appPort = 0] = await findFreePorts(1);
  const appOrigin = `http://localhost:${appPort}`;
  const secret = randomBytes(32).toString('base64url');
  const clients = [{ ...describeClient(appOrigin, secret), ...client }];
  const server = await startStockServer({ ...options, clients });
  const api = await startScriptedApi(0, respond ?? emptyList);
  const apiOrigin = `http://127.0.0.1:${api.port}`;
  const app = await startApplication(appPort, {
    AUTH_URL: appOrigin,
    AUTH_SECRET: `1:${randomBytes(32).toString('base64url')}`,
    AUTH_ISSUER: server.issuer,
    AUTH_CLIENT_ID: stockClientId,
    AUTH_CLIENT_SECRET: secret,
    AUTH_SCOPES: 'openid profile email offline_access',
    AUTH_AUTHORIZATION_PARAMS: 'prompt=consent',
    API_BASE_URL: apiOrigin,
    ...(typeof env === 'function' ? env(server, apiOrigin) : env),
  });
  const close = async () => void (await Promise.all([app.close(), server.close(), api.close()]));
  return { appOrigin, app, server, api, close };
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
