/**
 * Which events are for the audit log, what each of them means for security, and which of its fields go along: words
 * of ours, numbers and names from the declaration. Pure.
 */
import type { EventFields, EventName, LoggedEvent } from '../base/events';

export const auditOutcomes = ['success', 'failure', 'rejected', 'notice'] as const;

export type AuditedEvent = {
  outcome: (typeof auditOutcomes)[number];
  /** The fields that the record has too, if the event has them. */
  details?: readonly string[];
  /** Strangers cause as many as they like: these may fill no more than half of what waits. */
  isByStrangers?: true;
  /** Where only some events of this name are about security. */
  isAudited?: (fields: EventFields) => boolean;
};

const auditedEvents: Readonly<Partial<Record<EventName, AuditedEvent>>> = {
  started: { outcome: 'notice' },
  shutdown_started: { outcome: 'notice', details: ['signal'] },
  signed_in: { outcome: 'success', details: ['scopes', 'permission', 'isGranted', 'isStepUp'] },
  sign_in_not_started: { outcome: 'failure', isByStrangers: true },
  sign_in_rejected: { outcome: 'rejected', details: ['serverError', 'permission'], isByStrangers: true },
  signed_out: { outcome: 'success', details: ['isEverywhere', 'revocation'] },
  sign_out_rejected: { outcome: 'rejected', isByStrangers: true },
  back_channel_logout: { outcome: 'success', details: ['of'] },
  back_channel_logout_rejected: { outcome: 'rejected', isByStrangers: true },
  back_channel_logout_failed: { outcome: 'failure', isByStrangers: true },
  permission_not_granted: { outcome: 'rejected', details: ['permissions'] },
  pending_action: { outcome: 'success', details: ['action', 'result'] },
  role_missing: { outcome: 'rejected' },
  device_registered: { outcome: 'success', details: ['alg'] },
  device_rejected: { outcome: 'rejected', details: ['of'], isByStrangers: true },
  session_rejected: { outcome: 'rejected', details: ['kind', 'detail'], isByStrangers: true },
  refresh_failed: {
    outcome: 'rejected',
    details: ['serverError'],
    isAudited: ({ isFinal }) => isFinal === true,
  },
  token_rejected: { outcome: 'rejected', details: ['method', 'serverError'] },
  token_revocation_failed: { outcome: 'failure', details: ['serverError'] },
  grant_not_revoked: { outcome: 'failure' },
  revocation_not_stored: { outcome: 'failure' },
  revocation_not_replicated: { outcome: 'failure' },
  form_rejected: { outcome: 'rejected', isByStrangers: true },
  request_rejected: { outcome: 'rejected', details: ['status'], isByStrangers: true },
  subresource_rejected: { outcome: 'rejected', isByStrangers: true },
  rate_limit_reached: { outcome: 'rejected', details: ['of'], isByStrangers: true },
  guard_failed: { outcome: 'failure', isByStrangers: true },
  forwarding_doubtful: { outcome: 'notice', details: ['is', 'hops'] },
  client_rejected: { outcome: 'failure', details: ['status', 'variables'] },
  client_assertion_unusable: { outcome: 'failure' },
  server_requirement_unmet: { outcome: 'failure', details: ['variable', 'metadataField'] },
  metadata_rejected: { outcome: 'failure', details: ['variable'] },
  unknown_variables: { outcome: 'notice' },
  plain_http: { outcome: 'notice' },
  store_rejected: { outcome: 'failure' },
  store_not_durable: { outcome: 'notice' },
  audit_log_back: { outcome: 'notice', details: ['dropped'] },
};

/** Null for an event that is not for the audit log. */
export function findRule({ event, fields }: LoggedEvent): AuditedEvent | null {
  const rule = auditedEvents[event];
  return rule === undefined || rule.isAudited?.(fields) === false ? null : rule;
}
