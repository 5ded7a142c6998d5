/** The only place where an access token becomes a request header. @see RFC 6750 §2.1, RFC 9449 §7.1 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import * as oauth from 'oauth4webapi';
import { monotonicMs } from '../base/clock';
import { sendForText } from '../base/http-client';
import { HttpError, type HttpRequest } from '../base/http-exchange';
import { isBelow } from '../base/is-below';
import type { Api } from '../config/apis';
import { getApi } from '../config/config';
import { sendWithProof } from '../oauth/dpop';
import { mayRequireNonce } from '../oauth/dpop-nonces';
import type { TokenSet } from '../session/session';
import type { ApiSession } from './api-session';
import { callWithinLimit } from './call-limit';
import { noteApiStatus } from './not-found-watch';
import { observeCall } from './observe-call';

export type ApiRequest = {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * Below the base URL, one entry for each segment, not encoded: an id can be nothing but one segment.
   * @example ['invoices', id]
   */
  path: readonly [string, ...string[]];
  query?: Record<string, string>;
  json?: unknown;
  /** Media type of a good response; JSON when left out. */
  accept?: string;
  /** Makes a repeated POST count once. */
  idempotencyKey?: string;
};

export type ApiResponse =
  | {
      kind: 'response';
      status: number;
      headers: Headers;
      text: string;
      challenges: oauth.WWWAuthenticateChallenge[];
    }
  /** `cause` is for the log alone. */
  | { kind: 'no_response'; reason: string; cause?: unknown };

const maxBytes = 2_000_000;
/** For a call with all that is repeated in it, and for all calls of one page together. */
const patienceMs = 8_000;
const retryMs = 50;
/** The time to parse a challenge grows with the square of its length, and an honest one is short. */
const maxChallengeChars = 4_096;

/** When a call that begins now ends, whatever has come until then. By the monotonic clock. */
export function endOfCallMs(): number {
  return monotonicMs() + patienceMs;
}

/**
 * Sends a request as the session's user. Never throws. A request that only reads is sent once more when the
 * connection breaks, because the API may have closed a kept-alive connection at the moment when it was used
 * again. Once the time is over, nothing is sent, and the result is that of a timeout.
 * @see RFC 9110 §9.2.2
 */
export async function sendApiRequest(
  session: ApiSession,
  request: ApiRequest,
  endsAtMs = endOfCallMs(),
): Promise<ApiResponse> {
  const response = await callWithinLimit(session, () => sendWithRetry(session, request, endsAtMs));
  return response ?? { kind: 'no_response', reason: 'call_limit_reached' };
}

async function sendWithRetry(
  session: ApiSession,
  request: ApiRequest,
  endsAtMs: number,
): Promise<ApiResponse> {
  const first = await sendOnce(session, request, endsAtMs);
  const isBroken = first.kind === 'no_response' && first.reason === 'network';
  if (!isBroken || !['GET', 'HEAD'].includes(request.method)) return first;
  await pause(retryMs * (1 + Math.random()));
  return sendOnce(session, request, endsAtMs);
}

async function sendOnce(session: ApiSession, request: ApiRequest, endsAtMs: number): Promise<ApiResponse> {
  try {
    const { method, json } = request;
    const body = json === undefined ? null : JSON.stringify(json);
    const { api = getApi() } = session;
    const whole = { api, method, url: buildUrl(request, api), headers: buildHeaders(request), body };
    const send: Send = (url, authorized) =>
      sendForText(url, authorized, { timeoutMs: leftUntil(endsAtMs), maxBytes });
    const { response, challenges } = await sendWithToken(session.tokens, whole, send);
    const { status, headers } = response;
    return { kind: 'response', status, headers, text: await response.text(), challenges };
  } catch (error) {
    return { kind: 'no_response', reason: reasonOf(error), cause: error };
  }
}

/** @throws HttpError when nothing is left */
function leftUntil(endsAtMs: number): number {
  const leftMs = endsAtMs - monotonicMs();
  if (leftMs <= 0) throw new HttpError('timeout');
  return leftMs;
}

/** Why there is no usable response. Anything but a failure of the exchange is a bug of ours. */
export function reasonOf(error: unknown): string {
  return error instanceof HttpError ? error.failure : 'internal_error';
}

/** For the first API, unless it names another. */
export type AuthorizedRequest = Omit<HttpRequest, 'signal'> & { url: URL; api?: Api };

/** Sends what it is given, headers and all. */
export type Send = (url: URL, request: Omit<HttpRequest, 'signal'>) => Promise<Response>;

/** With the key that it is bound to; null for a bearer token. */
export type BoundToken = Pick<TokenSet, 'accessToken' | 'dpopKey'>;

export type SentResponse = { response: Response; challenges: oauth.WWWAuthenticateChallenge[] };

/**
 * Sends a request with the token in its header, below the base URL of the API and nowhere else, because the
 * token was issued for that API. A token that is bound to a key goes with a proof.
 * @throws Error for any other address, and what `send` throws
 * @see RFC 6750 §2.1, RFC 9700 §2.3
 */
export async function sendWithToken(
  token: BoundToken,
  request: AuthorizedRequest,
  send: Send,
): Promise<SentResponse> {
  const { accessToken, dpopKey: key } = token;
  const { api = getApi(), method, url, headers, body } = request;
  if (!isBelow(url, api.baseUrl)) throw new Error('a token is for its own API');
  const options: oauth.ProtectedResourceRequestOptions = {
    // Addresses were checked with the configuration, which allows http on loopback and where the operator
    // named it.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: async (_url, init) =>
      note(
        await observeCall({ api, method, url }, new Headers(init.headers), (sent) =>
          send(url, { method, headers: sent, body }),
        ),
        api,
      ),
  };
  const isRepeatable = !(body instanceof ReadableStream);
  if (!isRepeatable && key !== null && mayRequireNonce(url.origin)) await learnNonce(token, request, send);
  const payload = body as oauth.ProtectedResourceRequestBody;
  return sendWithProof({ key, url, isRepeatable }, async (proof) => {
    try {
      const whole = { ...options, ...proof };
      const response = await oauth.protectedResourceRequest(
        accessToken,
        method,
        url,
        headers,
        payload,
        whole,
      );
      return { response, challenges: [] };
    } catch (error) {
      if (error instanceof oauth.WWWAuthenticateChallengeError)
        return { response: error.response, challenges: error.cause };
      throw error;
    }
  });
}

/**
 * A long upload passes through once, so a nonce that the API requires must be known before it begins: a request
 * without a body fetches it. What is rejected all the same keeps the user's form, and the next try has the
 * nonce of that rejection. @see RFC 9449 §9
 */
async function learnNonce(token: BoundToken, request: AuthorizedRequest, send: Send): Promise<void> {
  await sendWithToken(token, { ...request, method: 'HEAD', headers: new Headers(), body: null }, send);
}

function buildUrl({ path, query = {} }: ApiRequest, { baseUrl }: Api): URL {
  const url = new URL([baseUrl, ...path.map(encodeURIComponent)].join('/'));
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

function buildHeaders({ accept = 'application/json', json, idempotencyKey }: ApiRequest): Headers {
  const headers = new Headers({ accept });
  if (json !== undefined) headers.set('content-type', 'application/json');
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  return headers;
}

/** The response is ours, so its headers may be changed. */
function note(response: Response, api: Api): Response {
  noteApiStatus(response.status, api);
  const challenge = response.headers.get('www-authenticate');
  if (challenge !== null && challenge.length > maxChallengeChars) response.headers.delete('www-authenticate');
  return response;
}
