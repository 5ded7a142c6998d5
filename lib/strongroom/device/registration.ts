/**
 * `POST /auth/device/register`: a browser that was offered it after the sign-in registers the public key of its
 * device. From then on its session is bound. Nothing but a sign-in offers it, so a copied session cannot be bound
 * to the device of the one who copied it.
 * @see Device Bound Session Credentials §7.9 (process session registration)
 */
import 'server-only';
import { withBasePath } from '../base/base-path';
import { nowSec } from '../base/clock';
import { findAppError } from '../base/errors';
import { logEvent } from '../base/log';
import { resultCache } from '../oauth/refresh/result-cache';
import type { CookieJar } from '../session/cookie-jar';
import { bindSession, isBindingOn, lookUpSession } from '../session/device-binding';
import { inspectUnproven } from '../session/load-session';
import { requestCookies } from '../session/next-cookies';
import type { DeviceKey, Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
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
import { renewed } from './renewal';
import { devicePaths } from './session-instruction';

/** For the response with which a session begins. */
export function offerRegistration(response: Response, session: Session): void {
  if (!isBindingOn()) return;
  const path = withBasePath(devicePaths.register);
  const challenge = newChallenge('registration_challenge', session);
  response.headers.set(
    'Secure-Session-Registration',
    `(ES256 RS256);path="${path}";challenge="${challenge}"`,
  );
}

export const registrationEndpoint = {
  async POST({ headers }: Request): Promise<Response> {
    const jar = await requestCookies();
    const result = (await findUnasked(headers)) ?? (await register(jar, headers).catch(refuseWithoutStore));
    if (result.kind === 'registered') return renewed(jar, result.session);
    logRefusal('registration', result);
    return respond(statusOf(result.reason), { error: result.reason });
  },
};

type Registered = { kind: 'registered'; session: Session };

async function register(jar: CookieJar, headers: Headers): Promise<Registered | Refusal> {
  if (!isBindingOn()) return refuse('binding_off');
  const loaded = await inspectUnproven(jar);
  if (loaded.kind === 'absent') return refuse('session_absent');
  if (loaded.kind === 'indeterminate') return refuse('session_indeterminate', loaded.session);
  if (loaded.kind !== 'active') return refuse('session_rejected', loaded.session);
  const { session } = loaded;
  if (session.binding !== null) return refuse('already_bound', session);
  const proof = await verifyProof(readHeader(headers, 'secure-session-response'), null);
  if (proof.kind === 'rejected') return refuse(proof.reason, session);
  const fault = await consumeChallenge('registration_challenge', proof.challenge, session);
  if (fault !== null) return refuse(fault, session);
  return bind(jar, session, proof.key);
}

async function bind(jar: CookieJar, session: Session, key: DeviceKey): Promise<Registered | Refusal> {
  // The cookie of a session that was replaced meanwhile must not overwrite that of the newer sign-in.
  if ((await lookUpSession(session)).revocation !== null) return refuse('session_replaced', session);
  const binding = { key, boundAtSec: nowSec(), copiedAtSec: null };
  if (!(await bindSession(session, binding))) return refuse('already_bound', session);
  // Right before it is written: another request may have refreshed the tokens since this one began.
  const bound = { ...(await resultCache.newest(session)), binding };
  await writeSession(jar, bound);
  logEvent('device_registered', { userPseudonym: pseudonymOf(session.user), alg: key.slice(0, 5) });
  return { kind: 'registered', session: bound };
}

function refuseWithoutStore(error: unknown): Refusal {
  if (findAppError(error)?.code !== 'store_unavailable') throw error;
  return refuse('store_unavailable');
}

const statuses: Readonly<Partial<Record<DeviceFault, number>>> = {
  cross_site: 403,
  binding_off: 404,
  session_absent: 401,
  session_rejected: 401,
  already_bound: 409,
  session_replaced: 409,
  rate_limited: 503,
  session_indeterminate: 503,
  store_unavailable: 503,
};

function statusOf(reason: DeviceFault): number {
  return statuses[reason] ?? 400;
}
