/**
 * Every event of the application, in the groups of docs/troubleshooting.md. The log writes each of them; whatever
 * else reads them listens here, so that one event is told once and has one name everywhere.
 */
import 'server-only';
import { processSingleton } from './process-singleton';

export const eventNames = [
  // Nothing is wrong
  'started',
  'sign_in_started',
  'permission_not_granted',
  'signed_in',
  'tokens_refreshed',
  'signed_out',
  'back_channel_logout',
  'sessions_revoked',
  'pending_action',
  'device_registered',
  'store_back',
  // Written at the level `debug` alone
  'request_completed',
  'api_called',
  'refresh_saved',
  'device_renewed',
  // A user saw a problem page
  'sign_in_not_started',
  'sign_in_rejected',
  'sign_out_rejected',
  'form_rejected',
  'refresh_delayed',
  'rate_limited',
  'role_missing',
  'session_indeterminate',
  'guard_failed',
  'request_failed',
  // Rejected
  'session_rejected',
  'device_rejected',
  'request_rejected',
  'subresource_rejected',
  'rate_limit_reached',
  'back_channel_logout_rejected',
  'forwarding_doubtful',
  // By Next, Node or a package
  'printed',
  // The authorization server failed
  'refresh_token_missing',
  'client_rejected',
  'client_assertion_unusable',
  'server_requirement_unmet',
  'target_left_out',
  'push_skipped',
  'metadata_rejected',
  'metadata_left_out',
  'refresh_failed',
  'claims_elsewhere',
  'refreshed_id_token_unverified',
  'token_revocation_failed',
  'grant_not_revoked',
  'userinfo_failed',
  'metadata_refresh_failed',
  'back_channel_logout_failed',
  // The API
  'dpop_offer_unknown',
  'api_response',
  'token_rejected',
  'api_only_not_found',
  'gateway_request_failed',
  'gateway_request_error',
  'gateway_response_cut',
  // The start and the end
  'not_started',
  'unknown_variables',
  'plain_http',
  'page_not_protected',
  'metrics_not_served',
  'metrics_not_exported',
  'metrics_exported_again',
  'shutdown_started',
  'shutdown_completed',
  'audit_log_failing',
  'audit_log_back',
  'traces_not_exported',
  'traces_exported_again',
  // The store
  'store_in_memory',
  'store_lost',
  'store_rejected',
  'store_not_durable',
  'store_durability_unknown',
  'revocation_not_replicated',
  'revocation_not_stored',
  'refresh_result_not_cached',
  'refresh_lock',
  'session_not_listed',
  'id_token_not_kept',
  'draft_not_kept',
  'session_by_reference',
] as const;

export type EventName = (typeof eventNames)[number];

export type EventFields = {
  /** The reference that a page showed to the user, if it showed one. */
  reference?: string;
  /** One of the codes in docs/troubleshooting.md. */
  code?: string;
  /** A short snake_case word of ours, never text from outside. */
  reason?: string;
  /** What the authorization server called its refusal, and how it described it: cleaned and cut. */
  serverError?: string;
  serverDescription?: string;
  /**
   * The user pseudonym (session/user-pseudonym.ts): the same for one user as long as the lowest-numbered
   * secret stays, and no name can be read from it.
   */
  userPseudonym?: string;
  /** Of the request for which the line was written (current-request.ts). */
  requestId?: string;
  /** Where that request is recorded in a trace (tracing/request-span.ts). */
  traceId?: string;
  status?: number;
  durationMs?: number;
  [name: string]: string | number | boolean | undefined;
};

export type LoggedEvent = {
  event: EventName;
  level: 'debug' | 'info' | 'warn' | 'error';
  /** As in the log. */
  fields: EventFields;
};

type Listener = (logged: LoggedEvent) => void;

const listeners = () => processSingleton('event-listeners', () => new Set<Listener>());

/** From now on `listener` is told every event, whatever the level of the log. It must not throw or wait. */
export function onEvent(listener: Listener): void {
  listeners().add(listener);
}

export const hasListeners = () => listeners().size > 0;

export function tellListeners(logged: LoggedEvent): void {
  for (const listener of listeners()) listener(logged);
}
