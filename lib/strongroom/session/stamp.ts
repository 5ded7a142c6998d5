/**
 * Short texts that only this application can have written, good until one moment: the bound cookie, and what
 * device binding hands to a browser. Nothing in them is secret, so they are signed and not sealed. Every
 * instance can read them, and writing one costs no trip to the store.
 */
import 'server-only';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { keysFor, type Purpose, sealingKeysFor } from './keys';

export type StampPurpose = Extract<
  Purpose,
  'bound_cookie' | 'registration_challenge' | 'renewal_challenge' | 'device_session'
>;

export type StampVerdict =
  | { kind: 'valid'; content: string; endsAtSec: number }
  | { kind: 'expired' }
  /** Forged, cut, or written for another purpose or about something else. */
  | { kind: 'invalid' };

type Written = {
  /** Base64url and dots; the reader gets it back. */
  content: string;
  /** What it is about, which the reader must know. */
  about?: string;
  /** Seconds since the epoch. */
  endsAtSec: number;
};

/** End, content, and the signature over both and what it is about. */
const shape = /^(\d{10})\.([\w.-]*)\.([\w-]{43})$/;
const maxChars = 2_000;

export function writeStamp(purpose: StampPurpose, { content, about = '', endsAtSec }: Written): string {
  const head = `${endsAtSec}.${content}`;
  // The highest number that seals writes; all read.
  const key = Object.values(sealingKeysFor(purpose)).at(-1) ?? '';
  return `${head}.${sign(key, head, about)}`;
}

/** @param atSec when it must not have ended yet */
export function readStamp(
  purpose: StampPurpose,
  text: string,
  { about = '', atSec }: { about?: string; atSec: number },
): StampVerdict {
  const [, end = '', content = '', signature = ''] = text.length > maxChars ? [] : (shape.exec(text) ?? []);
  const isOurs = Object.values(keysFor(purpose)).some((key) =>
    isEqual(signature, sign(key, `${end}.${content}`, about)),
  );
  if (!isOurs) return { kind: 'invalid' };
  const endsAtSec = Number(end);
  return endsAtSec <= atSec ? { kind: 'expired' } : { kind: 'valid', content, endsAtSec };
}

function sign(key: string, head: string, about: string): string {
  return createHmac('sha256', key).update(`${head}\n${about}`).digest('base64url');
}

function isEqual(a: string, b: string): boolean {
  const [given, expected] = [Buffer.from(a), Buffer.from(b)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
