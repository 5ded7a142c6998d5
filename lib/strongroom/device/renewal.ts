/**
 * `POST /auth/device/refresh`: the browser proves that it still holds the key, and gets the next bound cookie.
 * Any 4xx ends the session in the browser for good, but for 403 with a challenge; a redirect or 429 would too.
 * So what may pass is 503, and a session that is over is told so: `continue: false`.
 * @see Device Bound Session Credentials §6 (server considerations), §7.7 (send request)
 */
import 'server-only';
import { logDetail } from '../base/log';
import { resultCache } from '../oauth/refresh/result-cache';
import type { CookieJar } from '../session/cookie-jar';
import { bindAgain, isBindingOn, isRevokedOrReplaced, readRecords } from '../session/device-binding';
import { inspectUnproven } from '../session/load-session';
import { requestCookies } from '../session/next-cookies';
import type { Session } from '../session/session';
import { openSessionCookie, writeSession } from '../session/session-cookie';
import { consumeRenewalChallenge } from './challenges';
import {
  challengeHeader,
  type DeviceFault,
  type DeviceRejection,
  findUnasked,
  logRejection,
  readHeader,
  reject,
  rejectWithoutStore,
  respond,
  respondToProof,
} from './device-request';
import { verifyProof } from './proof';
import { type Device, readSessionIdentifier } from './session-identifier';
import { endOf } from './session-instruction';

type Renewal =
  /** `session`: that of the cookie; null when the browser sent none. */
  | { kind: 'proven'; device: Device; session: Session | null }
  /** The browser has no challenge to sign yet. */
  | { kind: 'challenge'; device: Device }
  | DeviceRejection;

export const renewalEndpoint = {
  POST: async ({ headers }: Request): Promise<Response> => handleRenewal(await requestCookies(), headers),
};

export async function handleRenewal(jar: CookieJar, headers: Headers): Promise<Response> {
  const identifier = readHeader(headers, 'sec-secure-session-id') ?? '';
  const renewal = (await findUnasked(headers)) ?? (await renew(jar, headers).catch(rejectWithoutStore));
  if (renewal.kind === 'challenge')
    return respond(403, { error: 'challenge' }, challengeHeader(renewal.device, identifier));
  if (renewal.kind === 'rejected') {
    logRejection('renewal', renewal);
    return respondToRejection(renewal, identifier);
  }
  const { device, session } = renewal;
  await bindAgain(device);
  if (session !== null) await sealBinding(jar, session);
  logDetail('device_renewed', { userPseudonym: device.userPseudonym });
  return respondToProof(jar, device, identifier);
}

async function renew(jar: CookieJar, headers: Headers): Promise<Renewal> {
  const identifier = readHeader(headers, 'sec-secure-session-id');
  // No script can set a header of this name. @see Fetch §2.2.2 (forbidden request-header)
  if (!identifier) return reject('session_id_missing');
  const device = readSessionIdentifier(identifier);
  if (device === 'expired') return reject('session_rejected');
  if (device === null) return reject('session_id_invalid');
  if (!isBindingOn()) return reject('binding_off', device);
  const loaded = await inspectUnproven(jar);
  if (loaded.kind === 'indeterminate') return reject('store_unavailable', device);
  // For a link of another site the browser renews without any cookie.
  if (loaded.kind === 'absent' && (await isRevokedOrReplaced(device.id)))
    return reject('session_rejected', device);
  if (loaded.kind !== 'absent' && loaded.session?.id !== device.id) return reject('other_session', device);
  if (loaded.kind !== 'absent' && loaded.kind !== 'active') return reject('session_rejected', device);
  const text = readHeader(headers, 'secure-session-response');
  if (text === null) return { kind: 'challenge', device };
  const proof = await verifyProof(text, device.key);
  if (proof.kind === 'rejected') return reject(proof.reason, device);
  const challenge = await consumeRenewalChallenge(proof.challenge, device);
  if (challenge.kind === 'bad') return reject(challenge.reason, device);
  return { kind: 'proven', device, session: loaded.kind === 'active' ? loaded.session : null };
}

/**
 * Once for each session: from now on its cookie says that it is bound. Another request may have refreshed the
 * tokens since the browser sent this cookie, and a session that was replaced meanwhile must not overwrite the
 * newer one.
 */
async function sealBinding(jar: CookieJar, session: Session): Promise<void> {
  const sealed = await openSessionCookie(jar);
  if (sealed?.kind !== 'opened' || sealed.value.binding !== null) return;
  const known = await readRecords(session).catch(() => null);
  if (known === null || known.revocation !== null || known.session.binding === null) return;
  // The next renewal tries again.
  const write = async () => writeSession(jar, await resultCache.newest(known.session));
  await write().catch(() => null);
}

/** What a browser comes back with that has signed out, or in again. */
const over: ReadonlySet<DeviceFault> = new Set([
  'binding_off',
  'session_id_invalid',
  'session_rejected',
  'other_session',
]);
const passing: ReadonlySet<DeviceFault> = new Set(['rate_limited', 'store_unavailable']);
/** A browser that signed an old challenge signs the new one. */
const repeatable: ReadonlySet<DeviceFault> = new Set([
  'challenge_invalid',
  'challenge_expired',
  'challenge_consumed',
]);

function respondToRejection({ reason, device }: DeviceRejection, identifier: string): Response {
  const error = { error: reason };
  if (passing.has(reason)) return respond(503, error, { 'Retry-After': '1' });
  if (repeatable.has(reason) && device !== undefined)
    return respond(403, error, challengeHeader(device, identifier));
  if (over.has(reason) && /^[\w.-]{1,2000}$/.test(identifier)) return respond(200, endOf(identifier));
  return respond(reason === 'cross_site' ? 403 : 400, error);
}
