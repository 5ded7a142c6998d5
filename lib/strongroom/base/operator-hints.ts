/**
 * What an operator has to change when an error has a reason that they alone can mend: a variable of ours, a
 * setting of the client's registration at the server (by its name of OIDC Registration §2), or what the
 * server's metadata require. For the log line of the error. Pure.
 */
import type { AppError } from './errors';

type Hint = Readonly<Partial<Record<'variable' | 'registration', string>>>;

const hints: Readonly<Record<string, Hint | undefined>> = {
  // That of another API ends no sign-in (oauth/requested-targets.ts).
  invalid_target: { variable: 'AUTH_AUDIENCE' },
  invalid_scope: { variable: 'AUTH_SCOPES' },
  pushed_request_rejected: { variable: 'AUTH_PAR' },
  invalid_request_object: { variable: 'AUTH_REQUEST_OBJECT' },
  request_not_supported: { variable: 'AUTH_REQUEST_OBJECT' },
  request_object_without_key: { variable: 'AUTH_CLIENT_KEYS' },
  id_token_encrypted: { registration: 'id_token_encrypted_response_alg' },
  // A logout token is encrypted as ID tokens are. @see OIDC Back-Channel Logout 1.0 §2.4
  logout_token_encrypted: { registration: 'id_token_encrypted_response_alg' },
  userinfo_encrypted: { registration: 'userinfo_encrypted_response_alg' },
  response_mode_jwt: { registration: 'authorization_signed_response_alg' },
} satisfies Partial<Record<AppError['reason'], Hint>>;

export function hintOf(reason: string): Hint {
  return (Object.hasOwn(hints, reason) ? hints[reason] : undefined) ?? {};
}
