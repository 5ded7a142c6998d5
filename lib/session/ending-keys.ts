/** Names in the store that are about people and sessions, and how endings are written down: shared with scripts/end-sessions.ts, which an operator runs beside the application. */
import { createHash } from 'node:crypto';

export type EndingReason = 'signed_out' | 'replaced' | 'person_ended' | 'back_channel' | 'not_before';

/** `fromMs` may lie ahead: a session that a newer one replaced goes on for the requests that were on their way. */
export type Ending = { reason: EndingReason; fromMs: number };

export function writeEnding({ reason, fromMs }: Ending): string {
  return `${reason} ${fromMs}`;
}

export function readEnding(value: string | null | undefined): Ending | null {
  const [reason, fromMs] = (value ?? '').split(' ');
  return fromMs === undefined ? null : { reason: reason as EndingReason, fromMs: Number(fromMs) };
}

/** All of a person's sessions that began up to an instant are over: the store has the instant. */
export function readUserEnding(untilMs: string | null | undefined, startedAtMs: number): Ending | null {
  const fromMs = Number(untilMs ?? 0);
  return startedAtMs <= fromMs ? { reason: 'person_ended', fromMs } : null;
}

export function sessionKey(id: string): string {
  return `ended:session:${id}`;
}

/** One person is an issuer and a subject together. The store sees no names. */
export function userKey(issuer: string, subject: string): string {
  return `ended:user:${hash(issuer, subject)}`;
}

/** Where a person is signed in (session-list.ts). */
export function listKey(issuer: string, subject: string): string {
  return `sessions:${hash(issuer, subject)}`;
}

/** `sid` of the ID token, at its issuer. */
export function providerKey(issuer: string, providerSessionId: string): string {
  return `ended:provider:${hash(issuer, providerSessionId)}`;
}

function hash(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
