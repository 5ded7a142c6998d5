/**
 * `POST /auth/device/register`: a browser that was offered it by the response to a sign-in registers the public
 * key of its device, and from then on its session is bound. Nothing but a sign-in offers it, so whoever copied a
 * session cannot bind it to a device of their own.
 * @see Device Bound Session Credentials §7.9 (process session registration)
 */
import 'server-only';
import { withBasePath } from '../base/base-path';
import { logEvent } from '../base/log';
import type { CookieJar } from '../session/cookie-jar';
import { bindSession, isBindingOn, isRevokedOrReplaced } from '../session/device-binding';
import { requestCookies } from '../session/next-cookies';
import type { Session } from '../session/session';
import { pseudonymOf } from '../session/user-pseudonym';
import { consumeRegistrationChallenge, newRegistrationChallenge } from './challenges';
import {
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
import type { Device } from './session-identifier';
import { devicePaths } from './session-instruction';

/** For the response with which a session begins. */
export function offerRegistration(response: Response, { id, endsAtSec, user }: Session): void {
  if (!isBindingOn()) return;
  const challenge = newRegistrationChallenge({ id, endsAtSec, userPseudonym: pseudonymOf(user) });
  const path = withBasePath(devicePaths.register);
  response.headers.set(
    'Secure-Session-Registration',
    `(ES256 RS256);path="${path}";challenge="${challenge}"`,
  );
}

export const registrationEndpoint = {
  POST: async ({ headers }: Request): Promise<Response> =>
    handleRegistration(await requestCookies(), headers),
};

export async function handleRegistration(jar: CookieJar, headers: Headers): Promise<Response> {
  const result = (await findUnasked(headers)) ?? (await register(headers).catch(rejectWithoutStore));
  if (result.kind === 'registered') return respondToProof(jar, result.device);
  logRejection('registration', result);
  return respond(statuses[result.reason] ?? 400, { error: result.reason });
}

type Registered = { kind: 'registered'; device: Device };

async function register(headers: Headers): Promise<Registered | DeviceRejection> {
  if (!isBindingOn()) return reject('binding_off');
  const proof = await verifyProof(readHeader(headers, 'secure-session-response'), null);
  if (proof.kind === 'rejected') return reject(proof.reason);
  const { key } = proof;
  const challenge = await consumeRegistrationChallenge(proof.challenge);
  if (challenge.kind === 'bad') return reject(challenge.reason);
  const device = { ...challenge.value, key };
  if (await isRevokedOrReplaced(device.id)) return reject('session_rejected', device);
  if (!(await bindSession(device))) return reject('already_bound', device);
  logEvent('device_registered', { userPseudonym: device.userPseudonym, alg: key.slice(0, 5) });
  return { kind: 'registered', device };
}

/** The others are 400. */
const statuses: Readonly<Partial<Record<DeviceFault, number>>> = {
  cross_site: 403,
  binding_off: 404,
  session_rejected: 409,
  already_bound: 409,
  rate_limited: 503,
  store_unavailable: 503,
};
