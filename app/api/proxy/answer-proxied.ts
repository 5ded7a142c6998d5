/** Takes a request of one of our own pages to the API: who asks, for what, with which session. */
import 'server-only';
import { callFor, type PersonAnswer } from '@/app/dashboard/call-for-person';
import { destinations } from '@/lib/api/proxy/destinations';
import { type ForwardedRequest, forwardAnonymously, forwardFor } from '@/lib/api/proxy/forward-request';
import { chooseRequestHeaders, isJsonBody } from '@/lib/api/proxy/forwarded-headers';
import { describeProblem, type Problem, problemOfAnswer, problemOfRefusal } from '@/lib/api/proxy/problem';
import type { ProxiedAnswer } from '@/lib/api/proxy/proxied-answer';
import { buildTarget } from '@/lib/api/proxy/proxied-path';
import { takeBody } from '@/lib/api/proxy/request-body';
import { resolveRoute } from '@/lib/api/proxy/resolve-route';
import { giveBackGrant } from '@/lib/auth/give-back-grant';
import { isBackground, isOwnRequest, isPrefetch } from '@/lib/auth/same-origin';
import { takeTurn } from '@/lib/auth/take-turn';
import { getConfig } from '@/lib/config/config';
import { readClientAddress } from '@/lib/front-door/client-address';
import { noteActivity } from '@/lib/session/activity';
import { lookUpSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { answerBody, answerProblem } from './respond';

export async function answerProxied(request: Request): Promise<Response> {
  // proxy.ts does not run before this route: what it refuses is refused here.
  if (readClientAddress(request.headers) === null)
    return answerProblem(describeProblem('temporarily_unavailable', { reason: 'starting' }));
  // Pages of others must not use up what their visitors may do.
  if (!isAsked(request.headers)) return answerProblem(describeProblem('cross_site_request'));
  const turn = await takeTurn('proxy', request.headers);
  if (turn.kind === 'too_many')
    return answerProblem(
      describeProblem('slow_down', { retryAfterSec: turn.retryAfterSec, reason: 'rate_limited' }),
    );
  const forwarded = await readRequest(request);
  if ('code' in forwarded) return answerProblem(forwarded);
  if (forwarded.destination.token === 'none') return answerWith(await forwardAnonymously(forwarded));
  const jar = await requestCookies();
  const session = await findSession(jar);
  if ('code' in session) return answerProblem(session);
  const isPresent = !isBackground(request.headers);
  const answer = await callFor({ jar, session, isPresent }, (fresh) => forwardFor(fresh, forwarded));
  if (isPresent && answer.kind !== 'ended') await noteActivity(jar, session, false);
  return answerWith(answer);
}

/** The request as it will be sent on, or what is wrong with it. */
async function readRequest(request: Request): Promise<ForwardedRequest | Problem> {
  const match = resolveRoute(destinations, { method: request.method, url: new URL(request.url) });
  if (match.kind === 'malformed') return describeProblem('invalid_request', { reason: 'malformed_address' });
  if (match.kind === 'no_such_address') return describeProblem('not_found');
  if (match.kind === 'method_not_allowed')
    return describeProblem('method_not_allowed', { allow: match.allowed });
  const { name, destination, route, segments, query } = match;
  const url = buildTarget(destination.baseUrl(getConfig()), segments, query);
  if (url === null) return describeProblem('invalid_request', { reason: 'outside_destination' });
  if (route.maxRequestBytes > 0 && !isJsonBody(request.headers))
    return describeProblem('unsupported_media_type');
  if (Number(request.headers.get('content-length') ?? 0) > route.maxRequestBytes)
    return describeProblem('body_too_large');
  const body = await takeBody(request.body, route.maxRequestBytes);
  if (body.kind === 'too_large') return describeProblem('body_too_large');
  const headers = chooseRequestHeaders(request.headers, route);
  return { name, destination, route, url, headers, body, signal: request.signal };
}

/**
 * A script of our own page says so with a header that no form, image or link can send, and that a foreign page may not.
 * @see RFC 10017 §6.1.3.3.2
 */
function isAsked(headers: Headers): boolean {
  const isOwn = isOwnRequest(headers, getConfig().appOrigin) && !isPrefetch(headers);
  return isOwn && headers.get('x-strongroom') === '1';
}

async function findSession(jar: CookieJar): Promise<Session | Problem> {
  const found = await lookUpSession(jar);
  switch (found.kind) {
    case 'session':
      return found.session;
    case 'none':
      return describeProblem('login_required');
    case 'over':
      await giveBackGrant(found);
      return describeProblem('session_ended', { reason: found.reason });
    case 'unchecked':
      return describeProblem('temporarily_unavailable', { reason: 'session_unchecked' });
  }
}

function answerWith(answer: PersonAnswer<ProxiedAnswer>): Response {
  if (answer.kind !== 'ok') return answerProblem(problemOfAnswer(answer));
  const { value } = answer;
  return value.kind === 'body'
    ? answerBody(value)
    : answerProblem(problemOfRefusal(value.status, value.problems));
}
