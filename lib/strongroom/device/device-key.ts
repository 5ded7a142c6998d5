/**
 * The public key of a device as one text: its algorithm and the members of its JWK, `ES256.x.y` or `RS256.n`.
 * Devices make ES256 where they can, and older ones RS256 with the exponent 65537. Pure.
 * @see RFC 7518 §6.2.1, §6.3.1
 */
import type { JWK } from 'jose';
import { isRecord } from '../base/guards';

export const deviceAlgorithms = ['ES256', 'RS256'] as const;
export type DeviceAlgorithm = (typeof deviceAlgorithms)[number];
export type DeviceKey = `${DeviceAlgorithm}.${string}`;

/** 2,048 to 4,096 bits. */
const shape = /^(?:ES256\.[\w-]{43}\.[\w-]{43}|RS256\.[\w-]{342,683})$/;
const exponent = 'AQAB';

export function parseDeviceKey(text: string): DeviceKey | null {
  return isDeviceKey(text) ? text : null;
}

/** Only the public members are read. A key that brings its private ones is no secret any more. */
export function readDeviceKey(alg: DeviceAlgorithm, jwk: unknown): DeviceKey | null {
  if (!isRecord(jwk) || 'd' in jwk) return null;
  const { kty, crv, x, y, n, e } = jwk;
  if (alg === 'ES256') return kty === 'EC' && crv === 'P-256' ? parseDeviceKey(`ES256.${x}.${y}`) : null;
  return kty === 'RSA' && e === exponent ? parseDeviceKey(`RS256.${n}`) : null;
}

export function toJwk(key: DeviceKey): JWK {
  const [alg, first = '', second = ''] = key.split('.');
  return alg === 'ES256'
    ? { kty: 'EC', crv: 'P-256', x: first, y: second }
    : { kty: 'RSA', n: first, e: exponent };
}

function isDeviceKey(text: string): text is DeviceKey {
  return shape.test(text);
}
