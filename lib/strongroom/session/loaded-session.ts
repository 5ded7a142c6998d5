/**
 * What loading the session of a request can come to, and the closed list of reasons for which a session is
 * rejected. Pure.
 */
import type { BoundCookieFault } from './bound-cookie';
import { type RevocationReason, revocationReasons } from './revocation-keys';
import type { SealedSession, Session } from './session';

const unreadableReasons = [
  /** The secret that sealed the cookie is not configured any more. */
  'unknown_secret',
  /** Forged, cut, or sealed with another secret under the same number. */
  'seal_invalid',
  'seal_expired',
  /** Written by a version with another shape of the session. */
  'shape_unknown',
  /** The cookie names tokens that the token store does not have. */
  'tokens_missing',
] as const;
type UnreadableReason = (typeof unreadableReasons)[number];

const unprovenReasons = [
  /** The session is bound to a device, and the request does not prove that it comes from there. */
  'device_not_proven',
  /** SESSION_BINDING=require, and the browser has bound the session to nothing. */
  'device_required',
] as const;

/** Why a session is rejected, in the words of the log. */
export const rejectionReasons = [
  ...revocationReasons,
  'idle',
  'lifetime',
  ...unreadableReasons,
  ...unprovenReasons,
] as const;

export type RejectedSession =
  | { kind: 'expired'; reason: 'idle' | 'lifetime'; session: SealedSession }
  | { kind: 'revoked'; reason: RevocationReason; session: SealedSession }
  /** `session` is null when nothing of the cookie could be read. */
  | { kind: 'unreadable'; reason: UnreadableReason; session: SealedSession | null }
  /**
   * This request may not use it. It is no reason to revoke anything: its owner goes on, and a copy of their
   * cookies must not end that.
   */
  | {
      kind: 'unproven';
      reason: (typeof unprovenReasons)[number];
      /** What is wrong with the bound cookie of a session that is bound. */
      fault?: BoundCookieFault;
      session: SealedSession;
    };

export type LoadedSession =
  | { kind: 'active'; session: Session }
  /** The browser sent no session cookie. */
  | { kind: 'absent' }
  | RejectedSession
  /**
   * The store does not respond, so it is unknown whether the session was revoked. It stays, and is not used
   * now.
   */
  | { kind: 'indeterminate'; session: SealedSession };

/**
 * Why a user is asked to sign in again: what the log says, except that a page does not tell the kinds of
 * unreadable apart. With `dpop_required` the session goes on: one API takes no bearer tokens any more.
 */
export const signInReasons = [
  ...revocationReasons,
  'idle',
  'lifetime',
  'unreadable',
  'dpop_required',
  ...unprovenReasons,
] as const;

export type SignInReason = (typeof signInReasons)[number];

export function isRejected(loaded: LoadedSession): loaded is RejectedSession {
  return loaded.kind !== 'active' && loaded.kind !== 'absent' && loaded.kind !== 'indeterminate';
}

/** The reason for the sign-in page; undefined when there was no session to reject. */
export function signInReasonOf(loaded: LoadedSession): SignInReason | undefined {
  if (!isRejected(loaded)) return undefined;
  return loaded.kind === 'unreadable' ? 'unreadable' : loaded.reason;
}

/** A text from outside as a reason, or undefined. */
export function readSignInReason(text: string | null): SignInReason | undefined {
  return signInReasons.find((reason) => reason === text);
}
