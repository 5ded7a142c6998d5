/** The only place where an access token becomes a request header. @see RFC 6750 §2.1 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import * as oauth from 'oauth4webapi';
import { BoundedFetchError, fetchBounded } from '@/lib/base/bounded-fetch';
import { getConfig } from '@/lib/config/config';
import type { Session } from '@/lib/session/session';
import { callWithinLimit } from './call-limit';

export type ApiRequest = {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the base URL: each segment encoded by the caller, starting with `/`. */
  path: string;
  query?: Record<string, string>;
  json?: unknown;
  /** Media type of a good answer; JSON when left out. */
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
  | { kind: 'no_response'; reason: string };

const limits = { timeoutMs: 8_000, maxBytes: 2_000_000 };
const retryMs = 50;
/** The time that a challenge takes to read grows with the square of its length; an honest one is short. */
const maxChallengeChars = 4_096;

/**
 * Sends a request as the session's user. Never throws for what the API or the network does. Reading is tried once more when the connection
 * breaks: one that was kept open may have been closed by the other side at that very moment. @see RFC 9110 §9.2.2
 */
export async function sendApiRequest(session: Session, request: ApiRequest): Promise<ApiResponse> {
  const response = await callWithinLimit(() => sendWithRetry(session, request));
  return response ?? { kind: 'no_response', reason: 'too_many_calls' };
}

async function sendWithRetry(session: Session, request: ApiRequest): Promise<ApiResponse> {
  const first = await sendOnce(session, request);
  const isBroken = first.kind === 'no_response' && first.reason === 'network';
  if (!isBroken || request.method !== 'GET') return first;
  await pause(retryMs * (1 + Math.random()));
  return sendOnce(session, request);
}

async function sendOnce(session: Session, request: ApiRequest): Promise<ApiResponse> {
  try {
    const { method } = request;
    const { accessToken } = session.tokens;
    const [url, headers] = [buildUrl(request), buildHeaders(request)];
    const body = request.json === undefined ? undefined : JSON.stringify(request.json);
    return toApiResponse(
      await oauth.protectedResourceRequest(accessToken, method, url, headers, body, options),
      [],
    );
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError)
      return toApiResponse(error.response, error.cause);
    if (error instanceof BoundedFetchError) return { kind: 'no_response', reason: error.failure };
    return { kind: 'no_response', reason: 'unexpected' };
  }
}

function buildUrl({ path, query = {} }: ApiRequest): URL {
  const url = new URL(getConfig().apiBaseUrl + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

function buildHeaders({ accept = 'application/json', json, idempotencyKey }: ApiRequest): Headers {
  const headers = new Headers({ accept });
  if (json !== undefined) headers.set('content-type', 'application/json');
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  return headers;
}

const options: oauth.ProtectedResourceRequestOptions = {
  // Addresses were judged with the configuration: http on loopback only.
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: async (url, { method, headers, body }) => {
    const response = await fetchBounded(url, { method, headers, body: body as BodyInit | null }, limits);
    const challenge = response.headers.get('www-authenticate') ?? '';
    if (challenge.length > maxChallengeChars) response.headers.delete('www-authenticate');
    return response;
  },
};

async function toApiResponse(
  response: Response,
  challenges: oauth.WWWAuthenticateChallenge[],
): Promise<ApiResponse> {
  const text = await response.text();
  return { kind: 'response', status: response.status, headers: response.headers, text, challenges };
}
