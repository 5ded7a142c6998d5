/**
 * What an authorization server says when it rejects a request, for the operator's log alone: cleaned and cut.
 * Pure.
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
