/**
 * The names of revocations in the store and how they are written there. `scripts/revoke-sessions.ts`, which
 * an operator runs beside the application, uses the same ones.
 */
import { createHash } from 'node:crypto';

/** These revoke every session of a user that began up to an instant. */
export const userRevocationReasons = [
  'signed_out_everywhere',
  'back_channel_logout',
  'revoked_by_operator',
] as const;
export type UserRevocationReason = (typeof userRevocationReasons)[number];

export const revocationReasons = [
  ...userRevocationReasons,
  /** This session was signed out, in another window or from a copy of its cookie. */
  'signed_out_elsewhere',
  /** A newer sign-in took its place in its browser. */
  'replaced',
  /** Another user signed in in its browser. */
  'another_user',
  /**
   * The authorization server rejected its refresh token, or its access token expired and there is no refresh
   * token.
   */
  'invalid_grant',
  /** The authorization server went on rejecting its refresh token without saying why. */
  'refresh_rejected',
  /** It began before SESSIONS_NOT_BEFORE. */
  'not_before',
] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/**
 * `fromMs` may be in the future: a replaced session goes on for a moment, for the requests that were on their
 * way.
 */
export type Revocation = { reason: RevocationReason; fromMs: number };

/** Each has a key of its own, so that an instant by the operator can be told from one by the user. */
const keyOfUserReason: Record<UserRevocationReason, string> = {
  signed_out_everywhere: 'revoked:user',
  back_channel_logout: 'revoked:user-by-server',
  revoked_by_operator: 'revoked:user-by-operator',
};

export function isRevocationReason(text: string): text is RevocationReason {
  return revocationReasons.some((reason) => reason === text);
}

export function writeRevocation({ reason, fromMs }: Revocation): string {
  return `${reason} ${fromMs}`;
}

function readRevocation(value: string | null | undefined): Revocation | null {
  const [reason = '', fromMs] = (value ?? '').split(' ');
  if (fromMs === undefined) return null;
  // A newer version may know more reasons, and a revocation holds whatever its reason.
  return { reason: isRevocationReason(reason) ? reason : 'signed_out_elsewhere', fromMs: Number(fromMs) };
}

/** A session as far as it matters here. */
type Identified = {
  id: string;
  user: { issuer: string; subject: string };
  providerSessionId: string | null;
};

/**
 * The keys of everything that can revoke this session, in the order in which `readRevocations` expects their
 * values.
 */
export function revocationKeys({ id, user: { issuer, subject }, providerSessionId }: Identified): string[] {
  const userHash = hash(issuer, subject);
  const ofUser = userRevocationReasons.map((reason) => `${keyOfUserReason[reason]}:${userHash}`);
  const ofProvider = providerSessionId === null ? [] : [providerKey(issuer, providerSessionId)];
  return [sessionKey(id), ...ofUser, ...ofProvider];
}

/** The revocations of a session that began at `startedAtMs`. */
export function readRevocations(values: readonly (string | null)[], startedAtMs: number): Revocation[] {
  const [own, ...others] = values;
  const ofUser = userRevocationReasons.map((reason, at) => ({ reason, fromMs: Number(others[at] ?? 0) }));
  const ofProvider = others[userRevocationReasons.length];
  return [
    readRevocation(own),
    ...ofUser.filter(({ fromMs }) => startedAtMs <= fromMs),
    readRevocation(ofProvider),
  ].filter((revocation) => revocation !== null);
}

export function sessionKey(id: string): string {
  return `revoked:session:${id}`;
}

/** `iss` and `sub` together are one user. The store sees no names. */
export function userKey(reason: UserRevocationReason, issuer: string, subject: string): string {
  return `${keyOfUserReason[reason]}:${hash(issuer, subject)}`;
}

/** When the authorization server last said that this user signed out there. */
export function logoutKey(issuer: string, subject: string): string {
  return `logout-arrived:${hash(issuer, subject)}`;
}

/** The sessions of a user (session-list.ts). */
export function listKey(issuer: string, subject: string): string {
  return `sessions:${hash(issuer, subject)}`;
}

/** `sid` as sessions keep it: a long one as its hash, so that it fits a cookie. */
export function shortenProviderSessionId(sid: string): string {
  return sid.length <= 255 ? sid : hash(sid);
}

/** `sid` of the ID token, at its issuer. */
export function providerKey(issuer: string, providerSessionId: string): string {
  return `revoked:provider:${hash(issuer, providerSessionId)}`;
}

function hash(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
