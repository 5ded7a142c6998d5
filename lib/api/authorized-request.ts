/** The only place where an access token becomes a request header. @see RFC 6750 §2.1 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { BoundedFetchError, fetchBounded } from '@/lib/base/bounded-fetch';
import { getConfig } from '@/lib/config/config';
import type { Session } from '@/lib/session/session';

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

/** Sends a request as the session's user. Never throws for what the API or the network does. */
export async function sendApiRequest(session: Session, request: ApiRequest): Promise<ApiResponse> {
  const url = new URL(getConfig().apiBaseUrl + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  const headers = new Headers({ accept: request.accept ?? 'application/json' });
  if (request.json !== undefined) headers.set('content-type', 'application/json');
  if (request.idempotencyKey !== undefined) headers.set('idempotency-key', request.idempotencyKey);
  const body = request.json === undefined ? undefined : JSON.stringify(request.json);
  try {
    return toApiResponse(
      await oauth.protectedResourceRequest(
        session.tokens.accessToken,
        request.method,
        url,
        headers,
        body,
        options,
      ),
      [],
    );
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError)
      return toApiResponse(error.response, error.cause);
    if (error instanceof BoundedFetchError) return { kind: 'no_response', reason: error.failure };
    return { kind: 'no_response', reason: 'unexpected' };
  }
}

const options: oauth.ProtectedResourceRequestOptions = {
  // Addresses were judged with the configuration: http on loopback only.
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (url, init) =>
    fetchBounded(
      url,
      { method: init.method, headers: init.headers, body: init.body as BodyInit | null },
      limits,
    ),
};

async function toApiResponse(
  response: Response,
  challenges: oauth.WWWAuthenticateChallenge[],
): Promise<ApiResponse> {
  const text = await response.text();
  return { kind: 'response', status: response.status, headers: response.headers, text, challenges };
}
