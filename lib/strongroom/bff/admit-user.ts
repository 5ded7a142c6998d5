/**
 * What every action and every route of a signed-in user asks first, in this order: origin, size, rate limit,
 * session.
 */
import 'server-only';
import { isSameOriginRequest } from '../base/fetch-metadata';
import { logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { noteActionReached } from '../server/action-request';
import { checkRateLimit } from '../server/rate-limit';
import { loadSession } from '../session/load-session';
import { signInReasonOf } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import type { LoginRequired } from './call-as-user';
import type { Caller } from './caller';

/** Nothing was done, and the user may be told why on the same page. */
export type Rejection =
  /** No proof that the request comes from a page of this site. */
  | { kind: 'cross_site_request' }
  | { kind: 'too_large' }
  /** The user lacks a role that `requireRole` asked for. */
  | { kind: 'role_required' }
  | { kind: 'rate_limited'; retryAfterSec: number }
  /** The store does not respond, so whether the session is still active is not known. */
  | { kind: 'indeterminate' };

export type Admission = { kind: 'admitted'; caller: Caller } | LoginRequired | Rejection;

type Incoming = {
  headers: Pick<Headers, 'get'>;
  /** True for GET routes, which have already checked that a page of this site led here. */
  isNavigation?: boolean;
  bytes: number;
  maxBytes: number;
};

export async function admitUser({
  headers,
  isNavigation = false,
  bytes,
  maxBytes,
}: Incoming): Promise<Admission> {
  noteActionReached();
  if (!isNavigation && !isSameOriginRequest(headers, getConfig().appOrigin)) {
    logWarning('form_rejected', { code: 'cross_site_request', reason: 'cross_site_action' });
    return { kind: 'cross_site_request' };
  }
  if (bytes > maxBytes) return { kind: 'too_large' };
  const rateLimit = await checkRateLimit('user_request', headers);
  if (rateLimit.kind === 'rate_limited')
    return { kind: 'rate_limited', retryAfterSec: rateLimit.retryAfterSec };
  const jar = await requestCookies();
  const loaded = await loadSession(jar);
  if (loaded.kind === 'indeterminate') return { kind: 'indeterminate' };
  if (loaded.kind !== 'active') return { kind: 'login_required', reason: signInReasonOf(loaded) };
  return { kind: 'admitted', caller: { jar, session: loaded.session } };
}
