/**
 * Why an error has its code: all reasons that the log can hold, by code. Each is a fixed word of ours, never
 * put together from pieces and never text from outside. An error without a more precise reason has its code
 * as reason. docs/troubleshooting.md explains each. Pure.
 */

type IdTokenReason =
  | 'id_token_missing'
  | 'id_token_too_large'
  | 'id_token_malformed'
  | 'id_token_encrypted'
  | 'id_token_alg'
  | 'id_token_key'
  | 'id_token_signature'
  | 'id_token_typ'
  | 'id_token_iss'
  | 'id_token_aud'
  | 'id_token_azp'
  | 'id_token_nonce'
  | 'id_token_sub'
  | 'id_token_at_hash'
  | 'id_token_exp'
  | 'id_token_iat'
  | 'id_token_nbf'
  | 'id_token_times';

type LogoutTokenReason =
  | 'logout_token_too_large'
  | 'logout_token_malformed'
  | 'logout_token_encrypted'
  | 'logout_token_alg'
  | 'logout_token_key'
  | 'logout_token_signature'
  | 'logout_token_typ'
  | 'logout_token_iss'
  | 'logout_token_aud'
  | 'logout_token_exp'
  | 'logout_token_iat'
  | 'logout_token_nbf'
  | 'logout_token_jti'
  | 'logout_token_sid'
  | 'logout_token_sub'
  | 'logout_token_events'
  | 'logout_token_nonce'
  | 'logout_token_without_target';

type AuthorizationResponseReason =
  | 'query_too_long'
  | 'query_encoding'
  | 'too_many_parameters'
  | 'repeated_parameter'
  | 'state_too_long'
  | 'code_too_long'
  | 'iss_mismatch'
  | 'iss_missing'
  | 'code_and_error'
  | 'unexpected_parameter';

type TokenResponseReason =
  | 'token_response_not_json'
  | 'token_response_status'
  | 'token_type'
  | 'access_token'
  | 'refresh_token'
  | 'id_token'
  | 'scope';

type MetadataReason =
  | 'metadata_status'
  | 'metadata_document'
  | 'metadata_issuer'
  | 'metadata_issuer_mismatch'
  | 'metadata_authorization_endpoint'
  | 'metadata_token_endpoint'
  | 'metadata_jwks_uri'
  | 'metadata_pushed_authorization_request_endpoint';

type AssertionFileReason =
  | 'assertion_file_missing'
  | 'assertion_file_denied'
  | 'assertion_file_permission'
  | 'assertion_file_malformed'
  | 'assertion_file_expired';

type ServerStatusReason =
  | 'status_408'
  | 'status_429'
  | 'status_500'
  | 'status_502'
  | 'status_503'
  | 'status_504'
  | 'status_5xx';

export type Reasons = {
  access_denied: 'access_denied' | 'consent_required' | 'unauthorized' | 'unknown_error';
  login_required: 'login_required' | 'authentication_expired';
  interaction_required:
    | 'interaction_required'
    | 'account_selection_required'
    | 'mfa_required'
    | 'registration_required';
  unmet_authentication_requirements:
    | 'unmet_authentication_requirements'
    | 'auth_time_missing'
    | 'auth_time_ahead'
    | 'auth_time_too_old'
    | 'acr_not_as_asked';
  another_account: 'another_account';
  role_required: 'role_required';
  invalid_grant: 'invalid_grant' | 'dpop_key' | 'refreshed_id_token_sub' | 'refreshed_id_token_rejected';
  invalid_client: 'invalid_client';
  invalid_scope: 'invalid_scope';
  invalid_target: 'invalid_target' | 'token_audience';
  temporarily_unavailable:
    | 'temporarily_unavailable'
    | 'timeout'
    | 'network'
    | 'address_rejected'
    | 'caller_gone'
    | 'request_cut'
    | ServerStatusReason
    | 'keys_timeout'
    | 'keys_unusable'
    | 'use_dpop_nonce'
    | 'refresh_delayed';
  server_error: 'server_error';
  transaction_expired:
    | 'transaction_expired'
    | 'state_missing'
    | 'state_unknown'
    | 'code_missing'
    | 'response_mode_jwt'
    | 'invalid_request_uri';
  transaction_consumed: 'transaction_consumed';
  invalid_response:
    | 'invalid_response'
    | 'redirect'
    | 'body_too_large'
    | 'unsafe_address'
    | 'request_uri'
    | 'userinfo_sub'
    | 'userinfo_unusable'
    | 'userinfo_rejected'
    | 'userinfo_token'
    | 'userinfo_encrypted'
    | 'authorization_request'
    | 'code_exchange'
    | AuthorizationResponseReason
    | TokenResponseReason
    | IdTokenReason
    | LogoutTokenReason;
  cross_site_request: 'cross_site_request' | 'sign_out' | 'cross_site_form' | 'cross_site_action';
  rate_limited: 'rate_limited';
  configuration_invalid:
    | 'configuration_invalid'
    | 'configuration'
    | 'declaration'
    | 'declaration_missing'
    | 'role_not_declared'
    | 'api_not_declared'
    | 'pending_action_not_declared'
    | 'pending_action_without_runner'
    | 'pushed_request_rejected'
    | 'invalid_dpop_proof'
    | 'dpop_not_bound'
    | 'dpop_required'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'unsupported_response_type'
    | 'invalid_request'
    | 'invalid_request_object'
    | 'request_object_without_key'
    | 'server_requirement_unmet'
    | 'request_not_supported'
    | 'request_uri_not_supported'
    | 'registration_not_supported'
    | AssertionFileReason
    | MetadataReason;
  store_unavailable:
    | 'store_unavailable'
    | 'store_connection'
    | 'store_timeout'
    | 'store_rejected'
    | 'store_settling'
    | 'session_indeterminate';
  internal_error: 'internal_error';
};
