/**
 * `POST /auth/device/refresh`: the browser proves that it still holds the key, and gets the next bound cookie. A
 * response of 4xx ends the session in the browser for good, but for 403 with a challenge; a redirect or 429 would
 * too. So what may pass is 503, and what is over is said in so many words: `continue: false`.
 * @see Device Bound Session Credentials §7.7 (send request), §6 (server considerations)
 */
import 'server-only';
import { findAppError } from '../base/errors';
import { logDetail } from '../base/log';
import { writeBoundCookie } from '../session/bound-cookie';
import type { CookieJar } from '../session/cookie-jar';
import { inspectUnproven } from '../session/load-session';
import { requestCookies } from '../session/next-cookies';
import type { SealedSession } from '../session/session';
import { pseudonymOf } from '../session/user-pseudonym';
import { consumeChallenge, newChallenge } from './challenges';
import {
  type DeviceFault,
  findUnasked,
  logRefusal,
  type Refusal,
  readHeader,
  refuse,
  respond,
} from './device-request';
import { verifyProof } from './proof';
import { deviceSessionId, endOf, instructionFor } from './session-instruction';

export const renewalEndpoint = {
  async POST({ headers }: Request): Promise<Response> {
    const jar = await requestCookies();
    const result = (await findUnasked(headers)) ?? (await renew(jar, headers).catch(refuseWithoutStore));
    if (result.kind === 'proven') {
      logDetail('device_renewed', { userPseudonym: pseudonymOf(result.session.user) });
      return renewed(jar, result.session);
    }
    if (result.kind === 'challenge') return challenged(result.session);
    logRefusal('renewal', result);
    return respondToRefusal(result, readHeader(headers, 'sec-secure-session-id'));
  },
};

type Renewal =
  | { kind: 'proven'; session: SealedSession }
  /** The browser has no challenge to sign yet. */
  | { kind: 'challenge'; session: SealedSession }
  | Refusal;

async function renew(jar: CookieJar, headers: Headers): Promise<Renewal> {
  const id = readHeader(headers, 'sec-secure-session-id');
  // No script can set a header of this name. @see Fetch §2.2.2 (forbidden request-header)
  if (!id) return refuse('session_id_missing');
  const loaded = await inspectUnproven(jar);
  if (loaded.kind === 'absent') return refuse('session_absent');
  if (loaded.kind === 'indeterminate') return refuse('session_indeterminate', loaded.session);
  if (loaded.kind !== 'active') return refuse('session_rejected', loaded.session);
  const { session } = loaded;
  if (session.binding === null) return refuse('not_bound', session);
  if (id !== deviceSessionId(session)) return refuse('other_session', session);
  const text = readHeader(headers, 'secure-session-response');
  if (text === null) return { kind: 'challenge', session };
  const proof = await verifyProof(text, session.binding.key);
  if (proof.kind === 'rejected') return refuse(proof.reason, session);
  const fault = await consumeChallenge('renewal_challenge', proof.challenge, session);
  return fault === null ? { kind: 'proven', session } : refuse(fault, session);
}

/** With the challenge for the next time, which saves a round trip then. */
export function renewed(jar: CookieJar, session: SealedSession): Response {
  writeBoundCookie(jar, session);
  return respond(200, instructionFor(session), challengeHeader(session));
}

function challenged(session: SealedSession, reason?: DeviceFault): Response {
  return respond(403, { error: reason ?? 'challenge' }, challengeHeader(session));
}

function challengeHeader(session: SealedSession): Record<string, string> {
  const challenge = newChallenge('renewal_challenge', session);
  return { 'Secure-Session-Challenge': `"${challenge}";id="${deviceSessionId(session)}"` };
}

const over: ReadonlySet<DeviceFault> = new Set([
  'session_absent',
  'session_rejected',
  'not_bound',
  'other_session',
]);
const passing: ReadonlySet<DeviceFault> = new Set([
  'rate_limited',
  'session_indeterminate',
  'store_unavailable',
]);
const renewable: ReadonlySet<DeviceFault> = new Set([
  'challenge_invalid',
  'challenge_expired',
  'challenge_consumed',
]);

function respondToRefusal({ reason, session }: Refusal, id: string | null): Response {
  if (passing.has(reason)) return respond(503, { error: reason }, { 'Retry-After': '1' });
  // A browser that signed an old challenge signs the new one.
  if (renewable.has(reason) && session !== undefined) return challenged(session, reason);
  if (over.has(reason) && id !== null && /^[\w-]{1,64}$/.test(id)) return respond(200, endOf(id));
  return respond(reason === 'cross_site' ? 403 : 400, { error: reason });
}

function refuseWithoutStore(error: unknown): Refusal {
  if (findAppError(error)?.code !== 'store_unavailable') throw error;
  return refuse('store_unavailable');
}
