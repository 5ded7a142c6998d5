/** Names a token without showing it: which one was rejected, in an address or a log. */
import 'server-only';
import { createHash } from 'node:crypto';

/** 96 bits of the SHA-256, base64url. */
export function fingerprintOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, 16);
}
