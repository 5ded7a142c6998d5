/**
 * Short texts that only this application can have written, about one session and until one moment: the bound
 * cookie and the challenges of device binding. Nothing in them is secret, so they are signed and not sealed.
 * Every instance can read them, and writing one costs no trip to the store.
 */
import 'server-only';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { newRandomId } from '../base/random-id';
import { keysFor, type Purpose } from './keys';

export type StampPurpose = Extract<Purpose, 'bound_cookie' | 'registration_challenge' | 'renewal_challenge'>;

export type StampVerdict =
  /** `id` is of this stamp alone: what may be used once is noted under it. */
  | { kind: 'valid'; id: string; endsAtSec: number }
  | { kind: 'expired' }
  /** Forged, cut, or written for another purpose or session. */
  | { kind: 'invalid' };

/** End in seconds since the epoch, a random id, and the signature over both and what the stamp is about. */
const shape = /^(\d{10})\.([\w-]{22})\.([\w-]{43})$/;

/** @param about which session it is for */
export function writeStamp(purpose: StampPurpose, about: string, endsAtSec: number): string {
  const head = `${endsAtSec}.${newRandomId()}`;
  // The highest number writes; all read.
  const key = Object.values(keysFor(purpose)).at(-1) ?? '';
  return `${head}.${sign(key, head, about)}`;
}

export function readStamp(
  purpose: StampPurpose,
  text: string,
  about: { id: string; atSec: number },
): StampVerdict {
  const [, end = '', id = '', signature = ''] = shape.exec(text) ?? [];
  const isOurs = Object.values(keysFor(purpose)).some((key) =>
    isEqual(signature, sign(key, `${end}.${id}`, about.id)),
  );
  if (!isOurs) return { kind: 'invalid' };
  const endsAtSec = Number(end);
  return endsAtSec <= about.atSec ? { kind: 'expired' } : { kind: 'valid', id, endsAtSec };
}

function sign(key: string, head: string, about: string): string {
  return createHmac('sha256', key).update(`${head}\n${about}`).digest('base64url');
}

function isEqual(a: string, b: string): boolean {
  const [given, expected] = [Buffer.from(a), Buffer.from(b)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
