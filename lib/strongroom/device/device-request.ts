/**
 * The requests with which a browser registers and renews: sent by the browser itself, with an empty body, and
 * with headers that no page of another site can set.
 * @see Device Bound Session Credentials §7.7 (send request)
 */
import 'server-only';
import { findAppError } from '../base/errors';
import { isByBrowserItself } from '../base/fetch-metadata';
import { logEvent, logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { checkRateLimit } from '../server/rate-limit';
import { writeBoundCookie } from '../session/bound-cookie';
import type { CookieJar } from '../session/cookie-jar';
import { type ChallengeFault, newRenewalChallenge } from './challenges';
import type { ProofFault } from './proof';
import type { Device } from './session-identifier';
import { instructionFor } from './session-instruction';

/** Why a request of a device was rejected, in the words of the log. */
export type DeviceFault =
  | 'cross_site'
  | 'rate_limited'
  | 'binding_off'
  | 'session_id_missing'
  /** Not written by us. */
  | 'session_id_invalid'
  /** Signed out, revoked, expired or replaced. */
  | 'session_rejected'
  /** The browser renews the session that it had before. */
  | 'other_session'
  | 'already_bound'
  | 'store_unavailable'
  | ProofFault
  | ChallengeFault;

export type DeviceRejection = { kind: 'rejected'; reason: DeviceFault; device?: Device };

export function reject(reason: DeviceFault, device?: Device): DeviceRejection {
  return { kind: 'rejected', reason, ...(device === undefined ? {} : { device }) };
}

/** Checked before anything else: neither needs a session. */
export async function findUnasked(headers: Headers): Promise<DeviceRejection | null> {
  if (!isByBrowserItself(headers, getConfig().appOrigin)) return reject('cross_site');
  const limit = await checkRateLimit('device', headers);
  return limit.kind === 'rate_limited' ? reject('rate_limited') : null;
}

/** For `catch`: what cannot be checked now is neither good nor bad. */
export function rejectWithoutStore(error: unknown): DeviceRejection {
  if (findAppError(error)?.code !== 'store_unavailable') throw error;
  return reject('store_unavailable');
}

/** Chromium sends some of these as a bare text; the draft has a string of RFC 9651, in quotes. */
export function readHeader(headers: Headers, name: string): string | null {
  const text = headers.get(name)?.trim() ?? null;
  return text?.replace(/^"(.*)"$/, '$1') ?? null;
}

/** What browsers leave behind and come back with by themselves is no warning. */
const ordinary: ReadonlySet<DeviceFault> = new Set([
  'binding_off',
  'session_rejected',
  'other_session',
  'challenge_expired',
]);

export function logRejection(of: 'registration' | 'renewal', { reason, device }: DeviceRejection): void {
  const log = ordinary.has(reason) ? logEvent : logWarning;
  const { userPseudonym } = device ?? {};
  log('device_rejected', { of, reason, ...(userPseudonym === undefined ? {} : { userPseudonym }) });
}

/** The next bound cookie, and the challenge for the next time, which saves a round trip then. */
export function respondToProof(jar: CookieJar, device: Device, identifier?: string): Response {
  writeBoundCookie(jar, device.id);
  const instruction = instructionFor(device, identifier);
  return respond(200, instruction, challengeHeader(device, instruction.session_identifier));
}

export function challengeHeader(device: Device, identifier: string): Record<string, string> {
  return { 'Secure-Session-Challenge': `"${newRenewalChallenge(device)}";id="${identifier}"` };
}

export function respond(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store', ...headers } });
}
