/** A gateway with one upstream, and a script of our pages that asks it. Test support only. */
import { createGateway } from '../bff/gateway/gateway-request';
import type { Upstreams } from '../bff/gateway/upstreams';
import { clientAddressHeader } from '../server/client-address';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from './cookie-jar';
import { useEnvironment as setEnvironment } from './environment';
import { type Handler, json, startTestServer, type TestServer } from './http-server';
import { holdCookies } from './request-cookies';
import { buildSession, noonSec } from './sessions';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint';

const json200 = { accepts: ['application/json'], maxResponseBytes: 1_000 } as const;
const upstreams: Upstreams = {
  contacts: {
    path: '/contacts',
    timeoutMs: 120_000,
    routes: [
      { ...json200, method: 'GET', path: [] },
      { ...json200, method: 'PUT', path: [] },
      { ...json200, method: 'POST', path: [], requestTypes: ['application/json'], maxRequestBytes: 100 },
      { ...json200, method: 'GET', path: [':id', 'picture'], accepts: ['image/png'] },
      {
        ...json200,
        method: 'GET',
        path: ['stream'],
        accepts: ['text/event-stream'],
        stream: { idleMs: 120_000, maxMs: 120_000 },
      },
    ],
  },
};

export type GatewayServers = { api: TestServer; server: TokenEndpoint };

export async function startGatewayServers(): Promise<GatewayServers> {
  const [api, server] = await Promise.all([startTestServer(), startTokenEndpoint()]);
  return { api, server };
}

/** Its user did something ten minutes ago. */
export const gatewaySession = buildSession({ lastSeenAtSec: noonSec - 600 });

/** Both servers as at the start, and a user who is signed in. */
export async function signInAtGateway({ api, server }: GatewayServers): Promise<TestJar> {
  setEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin });
  api.reset();
  server.restart();
  api.handlers['/contacts'] = json({ items: [] });
  const jar = holdCookies(createTestJar());
  await writeSession(jar, gatewaySession);
  return jar;
}

/** What a browser says of our own script. */
export const ownScript = { 'x-strongroom': '1', 'sec-fetch-site': 'same-origin' };

export const askGateway = (headers: Record<string, string> = {}, { path = '', method = 'GET' } = {}) => {
  const through = { [clientAddressHeader()]: '192.0.2.1' };
  const init = { method, headers: { ...ownScript, ...through, ...headers } };
  return sendToGateway(init, path);
};

/** As it is, with no header of its own. */
export const sendToGateway = (init: RequestInit, path = '') =>
  createGateway(upstreams)(new Request(`https://app.example/api/gateway/contacts${path}`, init));

export const oneEvent: Handler = (_request, response) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n');
