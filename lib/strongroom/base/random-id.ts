/** Ids that no other site can guess: 128 bits as base64url. A transaction's id travels as `state`. */
import 'server-only';
import { randomBytes } from 'node:crypto';

const shape = /^[A-Za-z0-9_-]{22}$/;

export function newRandomId(): string {
  return randomBytes(16).toString('base64url');
}

/** Whether `value` may be used in a cookie name or compared: it comes back in a URL. */
export function isRandomId(value: unknown): value is string {
  return typeof value === 'string' && shape.test(value);
}
