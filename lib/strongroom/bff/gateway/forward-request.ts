/** Sends a request of the gateway on with the access token of its user, and validates the response. */
import 'server-only';
import type { ApiResult } from '../../api/api-result';
import { type ApiSession, tokenExpired } from '../../api/api-session';
import { callWithinLimit } from '../../api/call-limit';
import { type CallOutcome, callPatiently } from '../../api/call-patiently';
import { expectationsOf } from '../../api/call-with-session';
import { logCall } from '../../api/log-call';
import { reasonOf, type Send, type SentResponse, sendWithToken } from '../../api/send-request';
import { nowSec } from '../../base/clock';
import { type Deadline, startDeadline } from '../../base/deadline';
import { sendStreamed } from '../../base/http-client';
import { HttpError, type HttpLimits } from '../../base/http-exchange';
import { describeCauses, logWarning } from '../../base/log';
import { processSingleton } from '../../base/process-singleton';
import { getApi, getConfig } from '../../config/config';
import { isExpired } from '../../oauth/token-age';
import { streamsEnd } from '../../server/shutdown';
import { pseudonymOf } from '../../session/user-pseudonym';
import { BodyTooLargeError, type ForwardedBody } from './forwarded-request';
import { type BodyEvents, streamBody } from './stream-body';
import { type UpstreamResult, validateUpstreamResponse } from './upstream-response';
import type { GatewayRoute, Upstream } from './upstreams';
import { watchRevocation } from './watch-revocation';

export type ForwardedRequest = {
  /** Of the upstream, for the log. */
  name: string;
  upstream: Upstream;
  route: GatewayRoute;
  url: URL;
  headers: Headers;
  body: ForwardedBody;
  /** Aborted when the browser has left. */
  signal: AbortSignal;
};

/**
 * Event streams of one user at this instance, and of all users: each is open for minutes, so that they count
 * apart from calls.
 */
export const maxStreamsOfOneUser = 8;
const maxStreams = 1_000;
/**
 * Next sends the headers with the first bytes, and `EventSource` is open when they arrive: the first event
 * may be far.
 */
const openingComment = ':\n\n';

type Result = ApiResult<UpstreamResult>;

/**
 * Never throws for what the API or the network does. A body that passes through can be sent once: forwarding
 * it again gives `unavailable`.
 */
export async function forwardRequest(session: ApiSession, request: ForwardedRequest): Promise<Result> {
  if (isExpired(session.tokens, nowSec())) return tokenExpired;
  const { stream } = request.route;
  if (stream === undefined) return exchange(session, request, {});
  const release = request.signal.aborted ? null : takeStreamPlace(pseudonymOf(session.user));
  if (release === null) return { kind: 'rate_limited', retryAfterSec: null };
  const longest = startDeadline(stream.maxMs);
  const proof = startProofDeadline(session);
  const revocation = watchRevocation(session);
  const onEnd = () => {
    release();
    revocation.stop();
    longest.clear();
    proof?.clear();
  };
  for (const { signal } of [request, longest]) signal.addEventListener('abort', onEnd, { once: true });
  const ends = [longest.signal, revocation.signal, streamsEnd(), ...(proof === null ? [] : [proof.signal])];
  const signal = AbortSignal.any([request.signal, ...ends]);
  // `EventSource` asks again after any end: another instance, or is told that the session is revoked.
  const isEnd = (error: unknown) => isLimit(error) || ends.some(({ aborted }) => aborted);
  const result = await exchange(session, { ...request, signal }, { onEnd, isEnd, first: openingComment });
  if (result.kind !== 'ok' || result.value.kind !== 'body' || result.value.body === null) onEnd();
  return result;
}

/** The bound cookie that let the stream in is over by then; `EventSource` comes back with the next one. */
function startProofDeadline({ binding }: ApiSession): Deadline | null {
  return binding === null ? null : startDeadline(getConfig().bindingLifetimeSec * 1000);
}

/** @returns a function that releases the place, or null when there is none */
function takeStreamPlace(userPseudonym: string): (() => void) | null {
  const places = processSingleton('gateway-streams', () => new Set<{ userPseudonym: string }>());
  const own = [...places].filter((place) => place.userPseudonym === userPseudonym);
  if (places.size >= maxStreams || own.length >= maxStreamsOfOneUser) return null;
  const place = { userPseudonym };
  places.add(place);
  return () => void places.delete(place);
}

/**
 * An event stream that reached a limit of ours ends like any other: `EventSource` opens the next one by
 * itself.
 */
function isLimit(error: unknown): boolean {
  return error instanceof HttpError && ['timeout', 'body_too_large'].includes(error.failure);
}

async function exchange(
  session: ApiSession,
  request: ForwardedRequest,
  events: Omit<BodyEvents, 'onBreak'>,
): Promise<Result> {
  const fields = { method: request.route.method, resource: request.name };
  // A browser that has left, as one does that asks while its user types, is no event for the log.
  const isLogged = () => !request.signal.aborted;
  const onBreak = (error: unknown) => {
    const reason = error instanceof HttpError ? error.failure : 'network';
    if (isLogged()) logWarning('gateway_response_cut', { ...fields, reason, causes: describeCauses(error) });
  };
  const send = () => sendAndValidate(session, request);
  const { result, cause } = await callPatiently(session, { ...fields, send });
  // Every other failure is logged with the response of the gateway.
  if ((result.kind === 'invalid_token' || result.kind === 'dpop_required') && isLogged())
    logCall('api_response', { ...fields, reason: result.kind });
  if (result.kind === 'unavailable') return { ...result, cause };
  if (result.kind !== 'ok' || result.value.kind !== 'body' || result.value.body === null) return result;
  const body = streamBody(result.value.body, { ...events, onBreak });
  return { kind: 'ok', value: { ...result.value, body } };
}

async function sendAndValidate(
  session: ApiSession,
  request: ForwardedRequest,
): Promise<CallOutcome<UpstreamResult>> {
  if (request.body.kind === 'passing' && request.body.stream.locked)
    return { result: { kind: 'unavailable', reason: 'body_not_repeatable' } };
  try {
    const sent = await callWithinLimit(session, () => sendWithRetry(session, request));
    if (sent === null) return { result: { kind: 'unavailable', reason: 'call_limit_reached' } };
    const expected = { ...expectationsOf(session), accepts: request.route.accepts };
    return { result: await validateUpstreamResponse(sent, expected) };
  } catch (error) {
    const isTooLarge = error instanceof HttpError && error.cause instanceof BodyTooLargeError;
    const reason = isTooLarge ? 'request_too_large' : reasonOf(error);
    return { result: { kind: 'unavailable', reason }, cause: error };
  }
}

/**
 * The API may have closed a kept-alive connection at the moment when it was used again.
 * @see RFC 9110 §9.2.2
 */
async function sendWithRetry(session: ApiSession, request: ForwardedRequest): Promise<SentResponse> {
  try {
    return await sendOnce(session, request);
  } catch (error) {
    const isBroken = error instanceof HttpError && error.failure === 'network';
    if (!isBroken || request.route.method !== 'GET') throw error;
    return sendOnce(session, request);
  }
}

function sendOnce(
  { tokens, api = getApi() }: ApiSession,
  { upstream, route, url, headers, body, signal }: ForwardedRequest,
): Promise<SentResponse> {
  const { stream, timeoutMs = upstream.timeoutMs, maxResponseBytes: maxBytes } = route;
  const limits: HttpLimits =
    stream === undefined
      ? { timeoutMs, maxBytes }
      : { timeoutMs: stream.maxMs, headersMs: timeoutMs, idleMs: stream.idleMs, maxBytes };
  const send: Send = (target, whole) => sendStreamed(target, { ...whole, signal }, limits);
  const authorized = { api, method: route.method, url, headers, body: contentOf(body) };
  return sendWithToken(tokens, authorized, send);
}

function contentOf(body: ForwardedBody): Uint8Array | ReadableStream<Uint8Array> | null {
  if (body.kind === 'held') return body.bytes;
  return body.kind === 'passing' ? body.stream : null;
}
