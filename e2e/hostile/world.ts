/**
 * The application and every server that it could talk to: its authorization server, another one, its API, and
 * a sink that it must never ask.
 */
import { randomBytes } from 'node:crypto';
import { findFreePorts } from '../../scripts/ports.ts';
import { patientNode } from '../support/patience.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { type Application, startApplication } from './application.ts';
import { type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts';
import { marker } from './invariants.ts';
import { listen } from './listener.ts';

export type World = {
  appOrigin: string;
  app: Application;
  server: AuthorizationServer;
  /** Another issuer, which the application does not use. */
  other: AuthorizationServer;
  api: ScriptedApi;
  /** Changes the response of the API; null: the right one. */
  changeApiResponse: ((path: string) => ScriptedResponse | null) | null;
  sink: { origin: string; requests: string[] };
  secrets: { appSecret: string; clientSecret: string };
  /** How many lines of the log were checked. */
  checkedLines: number;
  close(): Promise<void>;
};

type Environment = Readonly<Record<string, string>>;

/**
 * The id contains characters that have a meaning in forms, headers and addresses. A colon ends it where it is
 * not encoded. @see RFC 6749 §2.3.1, RFC 7617 §2
 */
const clientIds: Record<string, string> = {
  client_secret_basic: 'strongroom lying % + w&rld=-%41',
  client_secret_basic_encoded: 'strongroom: lying % + w&rld=',
  client_secret_post: 'strongroom: lying % + w&rld=',
};

/** @param chosen the environment, or how it follows from the servers */
export async function startWorld(
  chosen: Environment | ((server: AuthorizationServer) => Environment) = {},
  authentication = 'client_secret_basic',
): Promise<World> {
  const [appPort = 0, apiPort = 0] = await findFreePorts(2);
  const appOrigin = `http://localhost:${appPort}`;
  const secrets = {
    appSecret: randomBytes(32).toString('base64url'),
    clientSecret: `s: % + "ü"&=/?~ ${randomBytes(24).toString('base64url')}`,
  };
  const client = {
    id: clientIds[authentication] ?? '',
    isEncoded: authentication === 'client_secret_basic_encoded',
    secret: secrets.clientSecret,
    redirectUri: `${appOrigin}/auth/callback/provider`,
    audience: `http://127.0.0.1:${apiPort}`,
  };
  const requests: string[] = [];
  const [server, other, sink, api] = await Promise.all([
    startAuthorizationServer(client),
    startAuthorizationServer(client),
    listen(({ method, url }, response) => {
      requests.push(`${method} ${url.pathname}`);
      response.writeHead(204).end();
    }),
    startScriptedApi(apiPort, (path) => world.changeApiResponse?.(path) ?? rightResponse(path)),
  ]);
  const env = typeof chosen === 'function' ? chosen(server) : chosen;
  const world: World = {
    appOrigin,
    app: await startApplication(appPort, {
      AUTH_URL: appOrigin,
      AUTH_SECRET: `1:${secrets.appSecret}`,
      AUTH_ISSUER: server.issuer,
      AUTH_CLIENT_ID: client.id,
      AUTH_CLIENT_SECRET: client.secret,
      AUTH_CLIENT_AUTH: authentication,
      AUTH_AUDIENCE: client.audience,
      AUTH_BACKCHANNEL_LOGOUT: 'single-instance',
      API_BASE_URL: client.audience,
      ...patientNode,
      ...env,
    }),
    server,
    other,
    api,
    changeApiResponse: null,
    sink: { origin: sink.origin, requests },
    secrets,
    checkedLines: 0,
    close: async () => {
      await world.app.close();
      await Promise.all([server.close(), other.close(), sink.close(), api.close()]);
    },
  };
  return world;
}

function rightResponse(path: string): ScriptedResponse {
  const message = {
    id: 'm_1',
    author: { name: `Author ${marker}` },
    text: `Text ${marker}`,
    created_at: '2026-03-12T12:00:00Z',
    mine: false,
  };
  const items = path.startsWith('/messages') ? [message] : [];
  return { status: 200, body: JSON.stringify({ items, page: 1, per_page: 20, total: items.length }) };
}
