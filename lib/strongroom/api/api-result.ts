/**
 * The result of a request to the API: every expected outcome as a value, for one `switch` in the page. Pure.
 */
import type { AuthenticationRequirement } from '../session/authentication-requirement';
import type { TokenRejection } from './token-rejection';

export type FieldProblem = { field: string; message: string };

export type ApiResult<T> =
  | { kind: 'ok'; value: T }
  /**
   * The API rejected the access token (401), and a new one may help. The fingerprint says which token.
   * @see RFC 6750 §3.1
   */
  | { kind: 'invalid_token'; tokenFingerprint: string; rejection: TokenRejection }
  /** The API takes bound tokens alone (401), and the session has bearer tokens. @see RFC 9449 §7.1 */
  | { kind: 'dpop_required' }
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
  | {
      kind: 'unavailable';
      /** For the log. */
      reason: string;
      /** Left out: the API does not answer as it should. */
      problem?: UnavailableProblem;
      retryAfterSec?: number;
      /** Set by the gateway, for its log alone. */
      cause?: unknown;
    };

type UnavailableProblem =
  /** The authorization server gives no new token for the one that is over. */
  | 'not_refreshed'
  /** The authorization server gives no token for this API; others go on. */
  | 'no_token'
  /** The API answers, and does not accept a fresh token for this resource. */
  | 'token_rejected';
