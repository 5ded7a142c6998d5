/**
 * What the browser calls a bound session: the session's id and the public key of the device, signed by us. The
 * browser keeps it as long as the key and shows it at each renewal, so a renewal needs no record of ours, and no
 * session cookie: a link of another site makes the browser renew before it sends any.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { readStamp, writeStamp } from '../session/stamp';
import { type DeviceKey, parseDeviceKey } from './device-key';

/** A session as device binding knows it. */
export type BoundSession = {
  id: string;
  /** Seconds since the epoch. */
  endsAtSec: number;
  /** For the log. */
  userPseudonym: string;
};

export type Device = BoundSession & { key: DeviceKey };

export function writeSessionIdentifier({ id, endsAtSec, userPseudonym, key }: Device): string {
  return writeStamp('device_session', { content: `${id}.${userPseudonym}.${key}`, endsAtSec });
}

/** Null for a text that is not ours. */
export function readSessionIdentifier(text: string): Device | 'expired' | null {
  const stamp = readStamp('device_session', text, { atSec: nowSec() });
  if (stamp.kind === 'expired') return 'expired';
  if (stamp.kind === 'invalid') return null;
  const [id = '', userPseudonym = '', ...rest] = stamp.content.split('.');
  const key = parseDeviceKey(rest.join('.'));
  return key === null ? null : { id, userPseudonym, key, endsAtSec: stamp.endsAtSec };
}
