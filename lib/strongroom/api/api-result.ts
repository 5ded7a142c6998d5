/** What came of asking the API: every expected outcome as a value, for one `switch` in the page. Pure. */

import type { AuthenticationRequirement } from '../session/authentication-requirement';

export type FieldProblem = { field: string; message: string };

export type ApiResult<T> =
  | { kind: 'ok'; value: T }
  /** The API rejected the access token (401): refresh once, then sign in again; the mark says which token. @see RFC 6750 §3.1 `invalid_token` */
  | { kind: 'invalid_token'; tokenFingerprint: string }
  /** One more permission would do (403 `insufficient_scope`). */
  | { kind: 'insufficient_scope'; permission: string }
  /** The person must prove again who they are, more freshly or in another way. @see RFC 9470 §3 */
  | { kind: 'insufficient_user_authentication'; requirement: AuthenticationRequirement }
  /** No permission helps. */
  | { kind: 'access_denied' }
  | { kind: 'not_found' }
  /** What was sent is not valid, field by field. */
  | { kind: 'invalid'; problems: FieldProblem[] }
  /** Too many requests. */
  | { kind: 'rate_limited'; retryAfterSec: number | null }
  /** No usable answer: try again later; nobody is signed out for it. */
  | { kind: 'unavailable'; reason: string };
