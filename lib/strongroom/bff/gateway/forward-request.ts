/** Sends a proxied request on, with the token of its person if the upstream is the token's own API, and judges what comes back. */
import 'server-only';
import type { ApiResult } from '../../api/api-result';
import { expectationsOf, logResult } from '../../api/call-api';
import { callWithinLimit } from '../../api/call-limit';
import { type AuthorizedRequest, type Send, type SentResponse, sendWithToken } from '../../api/send-request';
import { nowSec } from '../../base/clock';
import { logWarning } from '../../base/log';
import { requestStreamed, StreamedRequestError } from '../../base/streamed-request';
import { isExpired } from '../../oauth/token-age';
import type { Session } from '../../session/session';
import { BodyTooLargeError, type RequestBody } from './request-body';
import { type UpstreamResult, validateUpstreamResponse } from './upstream-response';
import type { GatewayRoute, Upstream } from './upstreams';
import { watchBody } from './watched-body';

export type ForwardedRequest = {
  /** Of the upstream, for the log. */
  name: string;
  upstream: Upstream;
  route: GatewayRoute;
  url: URL;
  headers: Headers;
  body: RequestBody;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
};

/**
 * One transaction, or two for reading when the connection breaks. Never throws for what the API or the network does. A body that passes through
 * can be sent once: asked for again, the answer is `unavailable`.
 */
export async function forwardFor(
  session: Session,
  request: ForwardedRequest,
): Promise<ApiResult<UpstreamResult>> {
  if (isExpired(session.tokens, nowSec())) return { kind: 'unavailable', reason: 'token_expired' };
  const { accessToken } = session.tokens;
  const way: Way = {
    owner: session.id,
    expected: expectationsOf(session),
    post: (send, whole) => sendWithToken(accessToken, whole, send),
  };
  const answer = await ask(request, way);
  noteOutcome(answer, request);
  return answer;
}

/** Without a token, whoever asks: a rejection is no reason to fetch a new one. */
export async function forwardAnonymously(
  request: ForwardedRequest,
): Promise<Exclude<ApiResult<UpstreamResult>, { kind: 'invalid_token' }>> {
  const answer = await ask(request, {
    owner: null,
    expected: { granted: [], askable: [], tokenFingerprint: '', isSatisfied: () => true },
    post: async (send, whole) => ({ response: await send(whole.url, whole), challenges: [] }),
  });
  noteOutcome(answer, request);
  return answer.kind === 'invalid_token' ? { kind: 'access_denied' } : answer;
}

/** A script that stopped waiting, as one does that asks while somebody types, is no event. */
function noteOutcome(answer: ApiResult<unknown>, { name, route, signal }: ForwardedRequest): void {
  if (!signal.aborted) logResult(answer, { method: route.method, resource: name });
}

type Post = (send: Send, whole: AuthorizedRequest) => Promise<SentResponse>;

/** For whom it is sent, how, and what its answer is judged by. */
type Way = { owner: string | null; expected: ReturnType<typeof expectationsOf>; post: Post };

async function ask(
  request: ForwardedRequest,
  { owner, expected, post }: Way,
): Promise<ApiResult<UpstreamResult>> {
  if (request.body.kind === 'passing' && request.body.stream.locked)
    return { kind: 'unavailable', reason: 'body_not_repeatable' };
  try {
    const sent = await callWithinLimit(owner, () => sendSteadily(request, post));
    if (sent === null) return { kind: 'unavailable', reason: 'too_many_calls' };
    const answer = await validateUpstreamResponse(sent, { ...expected, accepts: request.route.accepts });
    return answer.kind === 'ok' ? { kind: 'ok', value: watch(answer.value, request) } : answer;
  } catch (error) {
    return { kind: 'unavailable', reason: reasonOf(error) };
  }
}

function watch(value: UpstreamResult, { name, route, signal }: ForwardedRequest): UpstreamResult {
  if (value.kind !== 'body' || value.body === null) return value;
  const body = watchBody(value.body, (error) => {
    if (!signal.aborted)
      logWarning('gateway_response_cut', { method: route.method, resource: name, reason: cutBy(error) });
  });
  return { ...value, body };
}

/** Anything but a limit of ours is the connection. */
function cutBy(error: unknown): string {
  return error instanceof StreamedRequestError ? error.failure : 'network';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof StreamedRequestError)) return 'internal_error';
  return error.cause instanceof BodyTooLargeError ? 'request_too_large' : error.failure;
}

/** A connection that was kept open may have been closed by the other side at that very moment. @see RFC 9110 §9.2.2 */
async function sendSteadily(request: ForwardedRequest, post: Post): Promise<SentResponse> {
  try {
    return await sendOnce(request, post);
  } catch (error) {
    const isBroken = error instanceof StreamedRequestError && error.failure === 'network';
    if (!isBroken || request.route.method !== 'GET') throw error;
    return sendOnce(request, post);
  }
}

function sendOnce({ upstream, route, url, headers, body, signal }: ForwardedRequest, post: Post) {
  const limits = { timeoutMs: upstream.timeoutMs, maxBytes: route.maxResponseBytes };
  const send: Send = (target, whole) => requestStreamed(target, { ...whole, signal }, limits);
  return post(send, { method: route.method, url, headers, body: bodyOf(body) });
}

function bodyOf(body: RequestBody): AuthorizedRequest['body'] {
  if (body.kind === 'held') return body.bytes;
  return body.kind === 'passing' ? body.stream : null;
}
