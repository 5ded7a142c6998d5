/**
 * What an authorization server says when it rejects a request: its words for the operator's log alone, cleaned
 * and cut, and its code as the specification has it. Pure.
 * @see RFC 6749 §4.1.2.1 and §5.2
 */
import type { ErrorResponse } from '../base/errors';
import { cleanWords } from '../base/outside-words';

const maxCodeChars = 60;

export function readErrorResponse(code: unknown, description: unknown): ErrorResponse {
  return {
    error: cleanWords(code)?.slice(0, maxCodeChars) ?? '',
    description: cleanWords(description) ?? null,
  };
}

/** Codes that servers from before RFC 6749 have for its own. */
const olderCodes: Readonly<Record<string, string>> = {
  incorrect_client_credentials: 'invalid_client',
  bad_verification_code: 'invalid_grant',
  bad_refresh_token: 'invalid_grant',
};

/** The code of RFC 6749 §5.2 for the one that came; '' where none did. */
export function standardCode(code: unknown): string {
  if (typeof code !== 'string') return '';
  return Object.hasOwn(olderCodes, code) ? (olderCodes[code] ?? code) : code;
}
