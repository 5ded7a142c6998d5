/** Names in the store that are about people and sessions, and how revocations are written down: shared with scripts/revoke-sessions.ts, which an operator runs beside the application. */
import { createHash } from 'node:crypto';

export type RevocationReason =
  | 'signed_out'
  | 'replaced'
  | 'signed_out_everywhere'
  | 'back_channel_logout'
  | 'not_before';

/** `fromMs` may lie ahead: a session that a newer one replaced goes on for the requests that were on their way. */
export type Revocation = { reason: RevocationReason; fromMs: number };

export function writeRevocation({ reason, fromMs }: Revocation): string {
  return `${reason} ${fromMs}`;
}

export function readRevocation(value: string | null | undefined): Revocation | null {
  const [reason, fromMs] = (value ?? '').split(' ');
  return fromMs === undefined ? null : { reason: reason as RevocationReason, fromMs: Number(fromMs) };
}

/** All of a person's sessions that began up to an instant are over: the store has the instant. */
export function readUserRevocation(
  untilMs: string | null | undefined,
  startedAtMs: number,
): Revocation | null {
  const fromMs = Number(untilMs ?? 0);
  return startedAtMs <= fromMs ? { reason: 'signed_out_everywhere', fromMs } : null;
}

export function sessionKey(id: string): string {
  return `revoked:session:${id}`;
}

/** One person is an issuer and a subject together. The store sees no names. */
export function userKey(issuer: string, subject: string): string {
  return `revoked:user:${hash(issuer, subject)}`;
}

/** Where a person is signed in (session-list.ts). */
export function listKey(issuer: string, subject: string): string {
  return `sessions:${hash(issuer, subject)}`;
}

/** `sid` of the ID token, at its issuer. */
export function providerKey(issuer: string, providerSessionId: string): string {
  return `revoked:provider:${hash(issuer, providerSessionId)}`;
}

function hash(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
