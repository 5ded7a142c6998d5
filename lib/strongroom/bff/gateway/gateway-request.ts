/**
 * Handles a request of our own pages to the API: checks origin, rate limit, route and session. The adopter's
 * table lists the upstreams.
 */
import 'server-only';
import { isPrefetch, isSameOriginRequest } from '../../base/fetch-metadata';
import { getApi, getConfig } from '../../config/config';
import { readClientAddress } from '../../server/client-address';
import { checkRateLimit } from '../../server/rate-limit';
import type { CookieJar } from '../../session/cookie-jar';
import { noteLastSeen } from '../../session/last-seen';
import { loadSession } from '../../session/load-session';
import { requestCookies } from '../../session/next-cookies';
import type { Session } from '../../session/session';
import { revokeGrant } from '../../sign-in/revoke-grant';
import { callAs, type UserApiResult } from '../call-as-user';
import { type ForwardedRequest, forwardRequest } from './forward-request';
import { chooseRequestHeaders, type ForwardedBody, findRequestType, takeBody } from './forwarded-request';
import { describeProblem, type Problem, problemOfRejection, problemOfResult } from './problem';
import { buildTarget, resolveRoute } from './resolve-route';
import { respondWithBody, respondWithError, respondWithProblem } from './respond';
import type { UpstreamResult } from './upstream-response';
import { type GatewayRoute, isImageType, type Upstreams } from './upstreams';

/** The handler of `/api/gateway/…`, for every method. */
export function createGateway(upstreams: Upstreams): (request: Request) => Promise<Response> {
  return (request) => handleRequest(request, upstreams).catch(respondWithError);
}

async function handleRequest(request: Request, upstreams: Upstreams): Promise<Response> {
  // proxy.ts does not run before this route: what it rejects is rejected here.
  if (readClientAddress(request.headers) === null)
    return respondWithProblem(describeProblem('temporarily_unavailable', { reason: 'starting' }));
  // Before the limit: pages of other sites must not use up what their visitors may do here.
  if (!isFromOwnPage(request)) return respondWithProblem(describeProblem('cross_site_request'));
  const limit = await checkRateLimit('gateway', request.headers);
  if (limit.kind === 'rate_limited')
    return respondWithProblem(describeProblem('rate_limited', { retryAfterSec: limit.retryAfterSec }));
  const unsent = readRequest(request, upstreams);
  if ('code' in unsent) return respondWithProblem(unsent);
  const jar = await requestCookies();
  // Before the body: nothing of it is read for a request without a session.
  const before = await findSession(jar);
  if ('code' in before) return respondWithProblem(before);
  const body = await readBody(request, unsent.route);
  if ('code' in body) return respondWithProblem(body);
  // The user may have signed out by the time its last byte arrived.
  const session = body.kind === 'none' ? before : await findSession(jar);
  if ('code' in session) return respondWithProblem(session);
  const forwarded = { ...unsent, body };
  // An open page reconnects its stream every few minutes by itself, so a stream does not count as the user
  // being there.
  const isUse = forwarded.route.stream === undefined;
  const api = getApi(forwarded.upstream.api);
  const result = await callAs({ jar, session }, (fresh) => forwardRequest(fresh, forwarded), api);
  if (isUse && result.kind !== 'login_required') await noteLastSeen(jar, session, false);
  return respondWithResult(result, { method: forwarded.route.method, resource: forwarded.name });
}

function respondWithResult(
  result: UserApiResult<UpstreamResult>,
  call: { method: string; resource: string },
): Response {
  if (result.kind !== 'ok') {
    const cause = result.kind === 'unavailable' ? result.cause : undefined;
    return respondWithProblem({ ...problemOfResult(result), call: { ...call, cause } });
  }
  const { value } = result;
  if (value.kind === 'body') return respondWithBody(value);
  return respondWithProblem({ ...problemOfRejection(value.status, value.problems), call });
}

/**
 * A script of our own page proves itself with a header that no form, image or link can send, and that a page
 * of another origin may not. `EventSource` and images cannot set a header, and only read: for them fetch
 * metadata counts, which browsers set and pages cannot.
 * @see RFC 10017 §6.1.3.3.2, Fetch Metadata
 */
function isFromOwnPage({ method, headers }: Request): boolean {
  if (isPrefetch(headers)) return false;
  const hasOurHeader = headers.get('x-strongroom') === '1';
  // A browser without fetch metadata sends no Origin with a GET of the same origin, so the header is all.
  const isQuiet = headers.get('sec-fetch-site') === null && headers.get('origin') === null;
  if (method === 'GET' && isQuiet) return hasOurHeader;
  if (!isSameOriginRequest(headers, getConfig().appOrigin)) return false;
  if (hasOurHeader) return true;
  const isSubresource = ['empty', 'image'].includes(headers.get('sec-fetch-dest') ?? '');
  return method === 'GET' && headers.get('sec-fetch-site') === 'same-origin' && isSubresource;
}

type UnsentRequest = Omit<ForwardedRequest, 'body'>;

/** The request as it will be sent on, but for its body, or what is wrong with it. */
function readRequest(request: Request, upstreams: Upstreams): UnsentRequest | Problem {
  const { method, headers, signal } = request;
  const match = resolveRoute(upstreams, { method, url: new URL(request.url) });
  if (match.kind === 'malformed') return describeProblem('invalid_request', { reason: 'malformed_address' });
  if (match.kind === 'no_such_address') return describeProblem('not_found');
  if (match.kind === 'method_not_allowed')
    return describeProblem('method_not_allowed', { allow: match.allowed });
  const { name, upstream, route, segments, query } = match;
  if (headers.get('sec-fetch-dest') === 'image' && !route.accepts.every(isImageType))
    return describeProblem('cross_site_request', { reason: 'not_an_image' });
  const url = buildTarget(getApi(upstream.api).baseUrl + upstream.path, segments, query);
  if (url === null) return describeProblem('invalid_request', { reason: 'outside_upstream' });
  const { maxRequestBytes = 0 } = route;
  if (maxRequestBytes > 0 && findRequestType(headers, route) === null)
    return describeProblem('unsupported_media_type');
  if (Number(headers.get('content-length') ?? 0) > maxRequestBytes) return describeProblem('body_too_large');
  return { name, upstream, route, url, headers: chooseRequestHeaders(headers, route), signal };
}

async function readBody(
  { body: stream }: Request,
  { maxRequestBytes = 0 }: GatewayRoute,
): Promise<ForwardedBody | Problem> {
  // What cannot be read is of a browser that has left: there is nobody to tell.
  const body = await takeBody(stream, maxRequestBytes).catch(() => null);
  if (body === null) return describeProblem('invalid_request', { reason: 'caller_gone' });
  return body.kind === 'too_large' ? describeProblem('body_too_large') : body;
}

async function findSession(jar: CookieJar): Promise<Session | Problem> {
  const loaded = await loadSession(jar);
  switch (loaded.kind) {
    case 'active':
      return loaded.session;
    case 'absent':
      return describeProblem('login_required');
    case 'indeterminate':
      return describeProblem('temporarily_unavailable', { reason: 'session_indeterminate' });
    default:
      await revokeGrant(loaded);
      return describeProblem('login_required', { reason: loaded.reason });
  }
}
