/**
 * Stands between Node's server and Next: rejects what neither should see, says where a request came from, and ends slow ones.
 * Next makes the server by itself; Node announces each request before anybody answers it, and the first one brings the server here.
 * @see node:diagnostics_channel `http.server.request.start`
 */
import 'server-only';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fixedHeaders } from '../base/security-headers';
import { getConfig } from '../config/config';
import { isDevelopment } from '../config/mode';
import { replaceBareResponse } from './bare-response';
import { cleanHeaders } from './clean-headers';
import { clientAddressHeader, findClientAddress } from './client-address';
import { rejectBrokenRequest, sendRejection } from './send-rejection';
import {
  type IncomingRequest,
  isDecodableTarget,
  isNearAuthRoute,
  validateRequest,
} from './validate-request';

/** Node looks at its open connections every 30 s, so that a slow one ends up to that much later. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 60_000;
/** A connection on which nothing moves, in either direction. */
const silenceTimeoutMs = 120_000;

const guarded = new WeakSet<Server>();
/** Connections that end with the rejection that was sent on them. */
const revocation = new WeakSet<Socket>();

export function startServerGuard(): void {
  subscribe('http.server.request.start', (message) => guardServer((message as { server: Server }).server));
}

/** Takes the place of the server's own listeners, and calls them for what it lets through. */
export function guardServer(server: Server): void {
  if (guarded.has(server)) return;
  guarded.add(server);
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.timeout = silenceTimeoutMs;
  // A request without a host is judged here, instead of by a bare line of Node.
  Object.assign(server, { requireHostHeader: false });
  const behind = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (admit(request, response)) for (const next of behind) next(request, response);
  });
  server.on('clientError', rejectBrokenRequest);
  server.on('checkExpectation', (request, response) => reject(request, response, 417));
  // Hot reload needs its socket.
  if (!isDevelopment) rejectUpgrades(server);
}

/** Without a listener an upgrade is an ordinary request. Next brings another listener along with its first request. */
function rejectUpgrades(server: Server): void {
  server.removeAllListeners('upgrade');
  server.on('newListener', (event: string) => {
    if (event === 'upgrade') process.nextTick(() => server.removeAllListeners('upgrade'));
  });
}

function admit(request: IncomingMessage, response: ServerResponse): boolean {
  // Nobody knows where the rejected request ended, and this one began.
  if (revocation.has(request.socket)) return false;
  const { appOrigin, isHttps } = getConfig();
  const { url: target = '', headers } = request;
  // After an action that redirects, Next asks itself for the next page with the headers of the person's request, this one among them.
  const noted = headers[clientAddressHeader()]?.toString();
  const status = noted === undefined ? validateRequest(readRequest(request), appOrigin) : null;
  if (status !== null) {
    reject(request, response, status);
    return false;
  }
  const address = noted ?? addressOf(request);
  request.headers = { ...cleanHeaders(headers, appOrigin, address), [clientAddressHeader()]: address };
  // Next would answer a bare 500, or with a code on its page; the page for what does not exist says more, and less.
  if (!isDecodableTarget(target) || isNearAuthRoute(target)) request.url = '/no-such-address';
  // Whoever answers may say otherwise; Next's own redirects and files say nothing.
  for (const [name, value] of Object.entries(fixedHeaders({ isHttps, path: target })))
    response.setHeader(name, value);
  if (target.includes('/auth/')) response.setHeader('Cache-Control', 'no-store');
  replaceBareResponse(request, response);
  return true;
}

function reject(request: IncomingMessage, response: ServerResponse, status: number): void {
  revocation.add(request.socket);
  sendRejection(response, status, request.url ?? '');
}

function readRequest(request: IncomingMessage): IncomingRequest {
  const { method = '', url: target = '', headers, rawHeaders } = request;
  const { 'content-length': contentLength, 'transfer-encoding': transferEncoding } = headers;
  const hosts = rawHeaders.filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === 'host');
  return { method, target, hosts, contentLength, transferEncoding };
}

function addressOf({ socket, headersDistinct }: IncomingMessage): string {
  const forwardedFor = headersDistinct['x-forwarded-for']?.join(',');
  return findClientAddress({ peer: socket.remoteAddress, forwardedFor }, getConfig().trustedProxyHops);
}
