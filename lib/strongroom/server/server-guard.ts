/**
 * Stands between Node's HTTP server and Next: rejects the requests that Next would mishandle, notes which
 * client a request came from, sets the headers that every response carries, and bounds how long a request may
 * take to arrive. The server of a build is guarded before it listens (http-server.ts); that of `next dev` is found
 * with its first request.
 * @see docs/decisions/0016-server-guard.md, 0020-entry-of-the-server.md, node:diagnostics_channel `http.server.request.start`
 */
import 'server-only';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { basePath, withBasePath } from '../base/base-path';
import { logFailure } from '../base/log';
import { fixedHeaders, privateCacheControl } from '../base/security-headers';
import { getConfig } from '../config/config';
import { isDevelopment } from '../config/mode';
import { type ActionRequest, followActionRequest } from './action-request';
import { isPossibleAction, replaceBareResponse } from './bare-response';
import { clientAddressHeader, findClientAddress, notedAddressOf } from './client-address';
import { countPage, countPipelined } from './connection-limits';
import { followRequests, followUnparsed } from './follow-request';
import { warnOnceOfForwarding } from './forwarded-headers';
import { countHeld } from './held-requests';
import { ignoreUpgrades } from './http-server';
import { keepBelowBasePath } from './keep-below';
import { lingering } from './linger';
import { prepare, readTarget } from './prepare-request';
import type { RejectionPage, RejectionStatus } from './rejection';
import { RejectionSender } from './send-rejection';
import { findRedirect, type IncomingRequest, validateRequest } from './validate-request';

/** Node looks at its open connections every 30 s, so a slow one ends up to that much later. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 60_000;
/** For a connection on which nothing moves in either direction. */
const silenceTimeoutMs = 120_000;

const guardedServers = new WeakSet<Server>();
/**
 * After a rejection, the bytes that follow on its connection may belong to either request, so none of them is
 * read as a request.
 */
const rejectedConnections = new WeakSet<Socket>();

/** Before a page; null when the request is none for a page. @returns whether Next handles the request */
export type PageGuard = (request: IncomingMessage, response: ServerResponse) => Promise<boolean> | null;

export type ServerGuardOptions = {
  rejectionPage: RejectionPage;
  /** Left out where Next's proxy stands before pages. */
  guardPage?: PageGuard | undefined;
};

/** Guards the server of this process from its next request on. */
export function startServerGuard(options: ServerGuardOptions): void {
  subscribe('http.server.request.start', (message) =>
    guardServer((message as { server: Server }).server, options),
  );
}

/** For a listener of our own at which no browser asks. */
export const leaveUnguarded = (server: Server) => void guardedServers.add(server);

/** Takes the place of the server's own request listeners, and calls them for the requests that it admits. */
export function guardServer(server: Server, { rejectionPage, guardPage }: ServerGuardOptions): void {
  if (guardedServers.has(server)) return;
  guardedServers.add(server);
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.timeout = silenceTimeoutMs;
  server.keepAliveTimeout = getConfig().keepAliveMs;
  // Node would reject a request without a host with a bare line; the guard sends its page instead.
  Object.assign(server, { requireHostHeader: false });
  const sender = new RejectionSender(rejectionPage);
  const reject = (request: IncomingMessage, response: ServerResponse, status: RejectionStatus) => {
    rejectedConnections.add(request.socket);
    sender.send(lingering(request, response), status, request.url ?? '');
  };
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  followRequests(server, 'request', (request, response) => {
    if (rejectedConnections.has(request.socket)) return;
    const { url: target = '' } = request;
    request.url = readTarget(target);
    const status = countPipelined(request.socket, response) ? 429 : validate(request, response);
    const location =
      status === 421 ? findRedirect({ ...describeRequest(request), target }, getConfig()) : null;
    if (location !== null) return redirect(response, location);
    if (status !== null) return reject(request, response, status);
    prepare(request, response);
    if (basePath() !== '') keepBelowBasePath(response);
    const handle = () => {
      request.url = withBasePath(request.url ?? '');
      for (const listener of listeners) listener(request, response);
    };
    const enter = () => {
      if (isPossibleAction(request)) handleAction({ request, response, sender, handle });
      else handle();
    };
    const guarded = guardPage?.(request, response) ?? null;
    if (guarded === null) return enter();
    void guarded.then((isForNext) => isForNext && enter()).catch((error) => failClosed(response, error));
  });
  followUnparsed(server, (error, socket) => sender.sendUnparsed(error, socket));
  followRequests(server, 'checkExpectation', (request, response) => reject(request, response, 417));
  // Hot reload needs its socket.
  if (!isDevelopment) ignoreUpgrades(server);
}

type Handling = {
  request: IncomingMessage;
  response: ServerResponse;
  sender: RejectionSender;
  handle: () => void;
};

function handleAction({ request, response, sender, handle }: Handling): void {
  const action: ActionRequest = { hasReachedAction: false };
  const hasReachedAction = () => action.hasReachedAction;
  const { url: target = '' } = request;
  replaceBareResponse({ request, response, hasReachedAction }, (page, status) =>
    sender.send(page, status, target),
  );
  followActionRequest(action, handle);
}

function validate(request: IncomingMessage, response: ServerResponse): RejectionStatus | null {
  if (notedAddressOf(request) !== undefined) return null;
  const { appOrigin, trustedProxyHops: hops } = getConfig();
  const status = validateRequest(describeRequest(request), appOrigin);
  if (status !== null) return status;
  const address = findClientAddress(request, hops);
  request.headers[clientAddressHeader()] = address;
  warnOnceOfForwarding(request.headers, hops, address);
  return countPage(address, request.url ?? '') || countHeld(address, request, response) ? 429 : null;
}

/** What the page guard cannot say in any other way. */
function failClosed(response: ServerResponse, error: unknown): void {
  logFailure('guard_failed', error);
  if (response.headersSent) response.destroy();
  else response.writeHead(503, { 'Retry-After': '60', 'Cache-Control': privateCacheControl }).end();
}

/** Another host of this site leads here for good; which hosts these are may change. */
function redirect(response: ServerResponse, location: string): void {
  const { strictTransportSecurity } = getConfig();
  // The address may be that of a callback with its code.
  const headers = fixedHeaders({ strictTransportSecurity, path: '/auth/' });
  response.writeHead(308, { ...headers, Location: location, 'Cache-Control': privateCacheControl }).end();
}

function describeRequest({
  method = '',
  url: target = '',
  headers,
  rawHeaders,
}: IncomingMessage): IncomingRequest {
  return {
    method,
    target,
    hosts: rawHeaders.filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === 'host'),
    contentLength: headers['content-length'],
    contentType: headers['content-type'],
    transferEncoding: headers['transfer-encoding'],
    cookie: headers.cookie,
    isActionCall: headers['next-action'] !== undefined,
    routerState: headers['next-router-state-tree']?.toString(),
  };
}
