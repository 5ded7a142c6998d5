/**
 * By what failed sign-ins and refreshes are counted: the code of the error, but for two groups of reasons which an
 * operator mends elsewhere than the rest of their code. The log has the reason itself. Pure.
 */
import { errorCodes } from '../base/errors';

const groupOfReason: Readonly<Record<string, 'keys' | 'clock'>> = {
  id_token_key: 'keys',
  id_token_signature: 'keys',
  keys_unusable: 'keys',
  keys_timeout: 'keys',
  id_token_exp: 'clock',
  id_token_iat: 'clock',
  id_token_nbf: 'clock',
  id_token_times: 'clock',
  auth_time_ahead: 'clock',
};

export const results = ['ok', 'keys', 'clock', ...errorCodes] as const;

export function groupOfFailure(code = 'internal_error', reason = ''): string {
  return groupOfReason[reason] ?? code;
}
