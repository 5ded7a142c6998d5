/** What came of asking the API: every expected outcome as a value, for one `switch` in the page. Pure. */

import type { SignInRequirement } from '@/lib/session/sign-in-requirement';

export type FieldProblem = { field: string; message: string };

export type ApiAnswer<T> =
  | { kind: 'ok'; value: T }
  /** The API refused the access token (401): refresh once, then sign in again; the mark says which token. @see RFC 6750 §3.1 `invalid_token` */
  | { kind: 'token_refused'; tokenMark: string }
  /** One more permission would do (403 `insufficient_scope`). */
  | { kind: 'permission_needed'; permission: string }
  /** The person must prove again who they are, more freshly or in another way. @see RFC 9470 §3 */
  | { kind: 'stronger_sign_in_needed'; requirement: SignInRequirement }
  /** No permission helps. */
  | { kind: 'denied' }
  | { kind: 'not_found' }
  /** What was sent is not valid, field by field. */
  | { kind: 'invalid'; problems: FieldProblem[] }
  /** Too many requests. */
  | { kind: 'slow_down'; retryAfterSec: number | null }
  /** No usable answer: try again later; nobody is signed out for it. */
  | { kind: 'unavailable'; reason: string };

/** A part of a longer list. `page` counts from 1. */
export type Page<T> = { items: T[]; page: number; perPage: number; total: number };
