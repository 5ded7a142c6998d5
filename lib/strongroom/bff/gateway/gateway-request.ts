/** Takes a request of one of our own pages to the API: who asks, for what, with which session. */
import 'server-only';
import { upstreams } from '../../../api/gateway-upstreams';
import { isBackground, isPrefetch, isSameOriginRequest } from '../../base/fetch-metadata';
import { getConfig } from '../../config/config';
import { readClientAddress } from '../../server/client-address';
import { checkRateLimit } from '../../server/rate-limit';
import type { CookieJar } from '../../session/cookie-jar';
import { noteLastSeen } from '../../session/last-seen';
import { loadSession } from '../../session/load-session';
import { requestCookies } from '../../session/next-cookies';
import type { Session } from '../../session/session';
import { revokeGrant } from '../../sign-in/revoke-grant';
import { callAs, type UserApiResult } from '../call-as-user';
import { type ForwardedRequest, forwardAnonymously, forwardFor } from './forward-request';
import { chooseRequestHeaders, isJsonBody } from './forwarded-headers';
import { buildTarget } from './gateway-path';
import { describeProblem, type Problem, problemOfAnswer, problemOfRejection } from './problem';
import { takeBody } from './request-body';
import { resolveRoute } from './resolve-route';
import { answerBody, answerProblem } from './respond';
import type { UpstreamResult } from './upstream-response';

export async function answerGatewayRequest(request: Request): Promise<Response> {
  // proxy.ts does not run before this route: what it rejects is rejected here.
  if (readClientAddress(request.headers) === null)
    return answerProblem(describeProblem('temporarily_unavailable', { reason: 'starting' }));
  // Pages of others must not use up what their visitors may do.
  if (!isAsked(request.headers)) return answerProblem(describeProblem('cross_site_request'));
  const turn = await checkRateLimit('gateway', request.headers);
  if (turn.kind === 'rate_limited')
    return answerProblem(
      describeProblem('rate_limited', { retryAfterSec: turn.retryAfterSec, reason: 'rate_limited' }),
    );
  const forwarded = await readRequest(request);
  if ('code' in forwarded) return answerProblem(forwarded);
  if (forwarded.upstream.token === 'none') return answerWith(await forwardAnonymously(forwarded));
  const jar = await requestCookies();
  const session = await findSession(jar);
  if ('code' in session) return answerProblem(session);
  const isPresent = !isBackground(request.headers);
  const answer = await callAs({ jar, session, isPresent }, (fresh) => forwardFor(fresh, forwarded));
  if (isPresent && answer.kind !== 'ended') await noteLastSeen(jar, session, false);
  return answerWith(answer);
}

/** The request as it will be sent on, or what is wrong with it. */
async function readRequest(request: Request): Promise<ForwardedRequest | Problem> {
  const match = resolveRoute(upstreams, { method: request.method, url: new URL(request.url) });
  if (match.kind === 'malformed') return describeProblem('invalid_request', { reason: 'malformed_address' });
  if (match.kind === 'no_such_address') return describeProblem('not_found');
  if (match.kind === 'method_not_allowed')
    return describeProblem('method_not_allowed', { allow: match.allowed });
  const { name, upstream, route, segments, query } = match;
  const url = buildTarget(upstream.baseUrl(getConfig()), segments, query);
  if (url === null) return describeProblem('invalid_request', { reason: 'outside_upstream' });
  if (route.maxRequestBytes > 0 && !isJsonBody(request.headers))
    return describeProblem('unsupported_media_type');
  if (Number(request.headers.get('content-length') ?? 0) > route.maxRequestBytes)
    return describeProblem('body_too_large');
  const body = await takeBody(request.body, route.maxRequestBytes);
  if (body.kind === 'too_large') return describeProblem('body_too_large');
  const headers = chooseRequestHeaders(request.headers, route);
  return { name, upstream, route, url, headers, body, signal: request.signal };
}

/**
 * A script of our own page says so with a header that no form, image or link can send, and that a foreign page may not.
 * @see RFC 10017 §6.1.3.3.2
 */
function isAsked(headers: Headers): boolean {
  const isOwn = isSameOriginRequest(headers, getConfig().appOrigin) && !isPrefetch(headers);
  return isOwn && headers.get('x-strongroom') === '1';
}

async function findSession(jar: CookieJar): Promise<Session | Problem> {
  const loaded = await loadSession(jar);
  switch (loaded.kind) {
    case 'active':
      return loaded.session;
    case 'absent':
      return describeProblem('login_required');
    case 'indeterminate':
      return describeProblem('temporarily_unavailable', { reason: 'session_unchecked' });
    default:
      await revokeGrant(loaded);
      return describeProblem('session_ended', { reason: loaded.reason });
  }
}

function answerWith(answer: UserApiResult<UpstreamResult>): Response {
  if (answer.kind !== 'ok') return answerProblem(problemOfAnswer(answer));
  const { value } = answer;
  return value.kind === 'body'
    ? answerBody(value)
    : answerProblem(problemOfRejection(value.status, value.problems));
}
