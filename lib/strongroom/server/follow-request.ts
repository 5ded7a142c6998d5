/** What every request gets before anything else: its id, and an event when its response is over. */
import 'server-only';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { monotonicMs, nowSec } from '../base/clock';
import { type CurrentRequest, requestIdHeader, runInRequest, takeRequestId } from '../base/current-request';
import { logDetail } from '../base/log';
import { noteFacts } from '../base/request-facts';
import { getConfig } from '../config/config';
import { traceRequest } from '../tracing/request-span';
import { findClientAddress, notedAddressOf } from './client-address';

/** @see Device Bound Session Credentials §9.5 (Secure-Session-Skipped) */
const missedRenewal = /^\s*(?:unreachable|server_error)\b/;

/** Everything that a request causes runs with its id, which Next, the API and the response get too. */
export function followRequests(
  server: Server,
  event: 'request' | 'checkExpectation',
  handle: RequestListener,
): void {
  server.on(event, (request, response) => {
    // Without a proxy in front, a client could write lines under the id of another one.
    const isTrusted = getConfig().trustedProxyHops > 0;
    const requestId = takeRequestId(isTrusted ? request.headers['x-request-id'] : undefined);
    request.headers['x-request-id'] = requestId;
    response.setHeader(requestIdHeader, requestId);
    // Next, the guard and the telemetry each wait for its end.
    response.setMaxListeners(30);
    closeWithConnection(request, response);
    const hasMissedRenewal = missedRenewal.test(request.headers['secure-session-skipped']?.toString() ?? '');
    const current: CurrentRequest = { requestId, arrivedAtSec: nowSec(), hasMissedRenewal };
    response.once('close', whenCompleted(current, response));
    runInRequest(current, () => {
      noteClient(request);
      traceRequest(request, response, () => handle(request, response));
    });
  });
}

const openResponses = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * When a connection breaks, Node 22 closes the response that it is sending, and forgets those that wait behind it: what is
 * counted or kept until a response is over would stay for ever.
 */
function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const open = openResponses.get(socket) ?? watchConnection(socket);
  open.add(response);
  response.once('close', () => open.delete(response));
}

function watchConnection(socket: Socket): Set<ServerResponse> {
  const open = new Set<ServerResponse>();
  openResponses.set(socket, open);
  const closeForgotten = () => {
    for (const response of open) Object.assign(response, { destroyed: true }).emit('close');
  };
  // Node's own turn comes first.
  socket.once('close', () => setImmediate(closeForgotten));
  return open;
}

/** For the audit log. */
function noteClient(request: IncomingMessage): void {
  const clientAddress = () =>
    notedAddressOf(request) ?? findClientAddress(request, getConfig().trustedProxyHops);
  noteFacts({ clientAddress, userAgent: request.headers['user-agent'] });
}

/** Bytes that are no request have no id yet either. */
export function followUnparsed(server: Server, handle: (error: Error, socket: Duplex) => void): void {
  server.on('clientError', (error, socket) =>
    runInRequest({ requestId: takeRequestId(undefined), arrivedAtSec: nowSec() }, () =>
      handle(error, socket),
    ),
  );
}

/** An event stream is open for as long as its page: its time says nothing. */
function whenCompleted(current: CurrentRequest, response: ServerResponse): () => void {
  const startedMs = monotonicMs();
  return () => {
    const isStream = response.getHeader('content-type')?.toString().startsWith('text/event-stream') === true;
    const durationMs = Math.round(monotonicMs() - startedMs);
    const fields = { status: response.statusCode, durationMs, isStream };
    runInRequest(current, () => logDetail('request_completed', fields));
  };
}
