/**
 * Stands between Node's server and Next: refuses what neither should see, says where a request came from, and ends slow ones.
 * Next makes the server by itself; Node announces each request before anybody answers it, and the first one brings the server here.
 * @see node:diagnostics_channel `http.server.request.start`
 */
import 'server-only';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { everyAnswerHeaders, strictTransportSecurity } from '@/lib/base/security-headers';
import { getConfig } from '@/lib/config/config';
import { isDevelopment } from '@/lib/config/mode';
import { answerBrokenRequest, sendRefusal } from './answer-refusal';
import { cleanHeaders } from './clean-headers';
import { clientAddressHeader, findClientAddress } from './client-address';
import { dressBareAnswer } from './dress-bare-answer';
import { isDecodableTarget, judgeRequest } from './judge-request';

/** Node looks at its open connections every 30 s, so that a slow one ends up to that much later. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 60_000;
/** A connection on which nothing moves, in either direction. */
const silenceTimeoutMs = 120_000;

const guarded = new WeakSet<Server>();
/** Connections that end with the refusal that was sent on them. */
const ending = new WeakSet<Socket>();

export function openFrontDoor(): void {
  subscribe('http.server.request.start', (message) => guardServer((message as { server: Server }).server));
}

/** Takes the place of the server's own listeners, and calls them for what it lets through. */
export function guardServer(server: Server): void {
  if (guarded.has(server)) return;
  guarded.add(server);
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.timeout = silenceTimeoutMs;
  const behind = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (letIn(request, response)) for (const next of behind) next(request, response);
  });
  server.on('clientError', answerBrokenRequest);
  server.on('checkExpectation', (request, response) => sendRefusal(response, 417, request.url ?? ''));
  // Hot reload needs its socket.
  if (!isDevelopment) refuseUpgrades(server);
}

/** Without a listener an upgrade is an ordinary request. Next brings another listener along with its first request. */
function refuseUpgrades(server: Server): void {
  server.removeAllListeners('upgrade');
  server.on('newListener', (event: string) => {
    if (event === 'upgrade') process.nextTick(() => server.removeAllListeners('upgrade'));
  });
}

function letIn(request: IncomingMessage, response: ServerResponse): boolean {
  // Nobody knows where the refused request ended, and this one began.
  if (ending.has(request.socket)) return false;
  const { appOrigin, isHttps, trustedProxyHops } = getConfig();
  const { method = '', url: target = '', headers, headersDistinct } = request;
  const hosts = request.rawHeaders.filter(
    (_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === 'host',
  );
  const { 'content-length': contentLength, 'transfer-encoding': transferEncoding } = headers;
  const status = judgeRequest({ method, target, hosts, contentLength, transferEncoding }, appOrigin);
  if (status !== null) {
    ending.add(request.socket);
    sendRefusal(response, status, target);
    return false;
  }
  const forwardedFor = headersDistinct['x-forwarded-for']?.join(',');
  const peer = request.socket.remoteAddress;
  const address = findClientAddress({ peer, forwardedFor }, trustedProxyHops);
  request.headers = { ...cleanHeaders(headers, appOrigin, address), [clientAddressHeader()]: address };
  // Next would answer a bare 500; its page for what does not exist says more.
  if (!isDecodableTarget(target)) request.url = '/no-such-address';
  // Also for what Next answers by itself, such as files and its own redirects.
  for (const [name, value] of Object.entries(everyAnswerHeaders)) response.setHeader(name, value);
  response.setHeader('Referrer-Policy', 'no-referrer');
  if (isHttps) response.setHeader('Strict-Transport-Security', strictTransportSecurity);
  dressBareAnswer(request, response);
  return true;
}
