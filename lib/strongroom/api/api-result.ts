/**
 * The result of a request to the API: every expected outcome as a value, for one `switch` in the page. Pure.
 */
import type { AuthenticationRequirement } from '../session/authentication-requirement';

export type FieldProblem = { field: string; message: string };

export type ApiResult<T> =
  | { kind: 'ok'; value: T }
  /**
   * The API rejected the access token (401): refresh once, then sign in again. The fingerprint says which
   * token.
   * @see RFC 6750 §3.1
   */
  | { kind: 'invalid_token'; tokenFingerprint: string }
  /** One more permission would do (403), and the user may be asked for it. @see RFC 6750 §3.1 */
  | { kind: 'insufficient_scope'; scope: string }
  /** The user must authenticate again, more freshly or in another way. @see RFC 9470 §3 */
  | { kind: 'insufficient_user_authentication'; requirement: AuthenticationRequirement }
  /** The API does not allow this, and no further permission would help. */
  | { kind: 'access_denied' }
  | { kind: 'not_found' }
  /** What was sent is not valid, field by field. */
  | { kind: 'invalid'; problems: FieldProblem[] }
  | { kind: 'rate_limited'; retryAfterSec: number | null }
  /** No usable response: try again later. The session goes on. */
  | { kind: 'unavailable'; reason: string };
