/** Sends a proxied request on, with the token of its person if the destination is the token's own API, and judges what comes back. */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { logWarning } from '@/lib/base/log';
import { requestStreamed, StreamedRequestError } from '@/lib/base/streamed-request';
import { isExpired } from '@/lib/oauth/token-age';
import type { Session } from '@/lib/session/session';
import type { ApiAnswer } from '../answer';
import { type AuthorizedRequest, type Send, type SentResponse, sendWithToken } from '../authorized-request';
import { expectationsOf, noteAnswer } from '../call-api';
import { callWithinLimit } from '../call-limit';
import type { Destination, ProxiedRoute } from './destinations';
import { judgeProxied, type ProxiedAnswer } from './proxied-answer';
import { BodyTooLargeError, type RequestBody } from './request-body';
import { watchBody } from './watched-body';

export type ForwardedRequest = {
  /** Of the destination, for the log. */
  name: string;
  destination: Destination;
  route: ProxiedRoute;
  url: URL;
  headers: Headers;
  body: RequestBody;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
};

/**
 * One attempt, or two for reading when the connection breaks. Never throws for what the API or the network does. A body that passes through
 * can be sent once: asked for again, the answer is `unavailable`.
 */
export async function forwardFor(
  session: Session,
  request: ForwardedRequest,
): Promise<ApiAnswer<ProxiedAnswer>> {
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

/** Without a token, whoever asks: a refusal is no reason to fetch a new one. */
export async function forwardAnonymously(
  request: ForwardedRequest,
): Promise<Exclude<ApiAnswer<ProxiedAnswer>, { kind: 'token_refused' }>> {
  const answer = await ask(request, {
    owner: null,
    expected: { granted: [], askable: [], tokenMark: '', isSatisfied: () => true },
    post: async (send, whole) => ({ response: await send(whole.url, whole), challenges: [] }),
  });
  noteOutcome(answer, request);
  return answer.kind === 'token_refused' ? { kind: 'denied' } : answer;
}

/** A script that stopped waiting, as one does that asks while somebody types, is no event. */
function noteOutcome(answer: ApiAnswer<unknown>, { name, route, signal }: ForwardedRequest): void {
  if (!signal.aborted) noteAnswer(answer, { method: route.method, resource: name });
}

type Post = (send: Send, whole: AuthorizedRequest) => Promise<SentResponse>;

/** For whom it is sent, how, and what its answer is judged by. */
type Way = { owner: string | null; expected: ReturnType<typeof expectationsOf>; post: Post };

async function ask(
  request: ForwardedRequest,
  { owner, expected, post }: Way,
): Promise<ApiAnswer<ProxiedAnswer>> {
  if (request.body.kind === 'passing' && request.body.stream.locked)
    return { kind: 'unavailable', reason: 'body_not_repeatable' };
  try {
    const sent = await callWithinLimit(owner, () => sendSteadily(request, post));
    if (sent === null) return { kind: 'unavailable', reason: 'too_many_calls' };
    const answer = await judgeProxied(sent, { ...expected, accepts: request.route.accepts });
    return answer.kind === 'ok' ? { kind: 'ok', value: watch(answer.value, request) } : answer;
  } catch (error) {
    return { kind: 'unavailable', reason: reasonOf(error) };
  }
}

function watch(value: ProxiedAnswer, { name, route, signal }: ForwardedRequest): ProxiedAnswer {
  if (value.kind !== 'body' || value.body === null) return value;
  const body = watchBody(value.body, (error) => {
    if (!signal.aborted)
      logWarning('proxied_answer_cut', { method: route.method, resource: name, reason: cutBy(error) });
  });
  return { ...value, body };
}

/** Anything but a limit of ours is the connection. */
function cutBy(error: unknown): string {
  return error instanceof StreamedRequestError ? error.failure : 'network';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof StreamedRequestError)) return 'unexpected';
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

function sendOnce({ destination, route, url, headers, body, signal }: ForwardedRequest, post: Post) {
  const limits = { timeoutMs: destination.timeoutMs, maxBytes: route.maxResponseBytes };
  const send: Send = (target, whole) => requestStreamed(target, { ...whole, signal }, limits);
  return post(send, { method: route.method, url, headers, body: bodyOf(body) });
}

function bodyOf(body: RequestBody): AuthorizedRequest['body'] {
  if (body.kind === 'held') return body.bytes;
  return body.kind === 'passing' ? body.stream : null;
}
