/**
 * The requests with which a browser registers and renews: sent by the browser itself, with an empty body, and
 * with headers that no page of another site can set.
 * @see Device Bound Session Credentials §7.7 (send request)
 */
import 'server-only';
import { isByBrowserItself } from '../base/fetch-metadata';
import { logEvent, logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { checkRateLimit } from '../server/rate-limit';
import type { SealedSession } from '../session/session';
import { pseudonymOf } from '../session/user-pseudonym';
import type { ChallengeFault } from './challenges';
import type { ProofFault } from './proof';

export type DeviceFault =
  | 'cross_site'
  | 'rate_limited'
  | 'binding_off'
  | 'session_absent'
  | 'session_rejected'
  | 'session_indeterminate'
  | 'session_replaced'
  /** The browser renews another session than that of its cookie. */
  | 'other_session'
  | 'session_id_missing'
  | 'not_bound'
  | 'already_bound'
  | 'store_unavailable'
  | ProofFault
  | ChallengeFault;

/** What a device request comes to, before it is a response. */
export type Refusal = { kind: 'refused'; reason: DeviceFault; session?: SealedSession };

/** Checked before anything else: neither needs a session. */
export async function findUnasked(headers: Headers): Promise<Refusal | null> {
  if (!isByBrowserItself(headers, getConfig().appOrigin)) return refuse('cross_site');
  const limit = await checkRateLimit('device', headers);
  return limit.kind === 'rate_limited' ? refuse('rate_limited') : null;
}

export function refuse(reason: DeviceFault, session?: SealedSession | null): Refusal {
  return { kind: 'refused', reason, ...(session ? { session } : {}) };
}

/** Chromium sends some of these as a bare text, the draft has a string of RFC 9651: in quotes. */
export function readHeader(headers: Headers, name: string): string | null {
  const text = headers.get(name)?.trim() ?? null;
  return text?.replace(/^"(.*)"$/, '$1') ?? null;
}

/** What browsers leave behind and come back with by themselves is no warning. */
const ordinary: ReadonlySet<DeviceFault> = new Set([
  'session_absent',
  'session_rejected',
  'other_session',
  'not_bound',
  'challenge_expired',
]);

export function logRefusal(of: 'registration' | 'renewal', { reason, session }: Refusal): void {
  const log = ordinary.has(reason) ? logEvent : logWarning;
  const userPseudonym = session === undefined ? {} : { userPseudonym: pseudonymOf(session.user) };
  log('device_rejected', { of, reason, ...userPseudonym });
}

export function respond(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store', ...headers } });
}
