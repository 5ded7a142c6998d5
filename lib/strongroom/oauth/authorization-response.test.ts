import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findQueryFault, validateAuthorizationResponse } from './authorization-response';

const issuer = 'https://issuer.example';
const validate = (query: string, isIssuerRequired = false) =>
  validateAuthorizationResponse(new URLSearchParams(query), { issuer, isIssuerRequired });

describe('the response to a request of this browser', () => {
  it('gives its code', () => {
    expect(validate('code=abc&state=s')).toEqual({ kind: 'code', code: 'abc' });
    expect(validate('code=abc&state=s&iss=https%3A%2F%2Fissuer.example', true)).toEqual({
      kind: 'code',
      code: 'abc',
    });
  });

  it('CB-09: access_denied means that the user declined', () => {
    expect(validate('error=access_denied')).toMatchObject({
      kind: 'error',
      error: { code: 'access_denied' },
    });
  });

  it.each([
    ['server_error', 'server_error'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['login_required', 'login_required'],
    ['interaction_required', 'interaction_required'],
    ['account_selection_required', 'interaction_required'],
    ['unmet_authentication_requirements', 'unmet_authentication_requirements'],
    ['consent_required', 'access_denied'],
    ['unauthorized', 'access_denied'],
    ['mfa_required', 'interaction_required'],
    ['registration_required', 'interaction_required'],
    ['invalid_request_uri', 'transaction_expired'],
    ['invalid_request', 'configuration_invalid'],
    ['invalid_request_object', 'configuration_invalid'],
    ['request_not_supported', 'configuration_invalid'],
    ['unauthorized_client', 'configuration_invalid'],
    ['unsupported_response_type', 'configuration_invalid'],
    ['invalid_scope', 'invalid_scope'],
    ['invalid_target', 'invalid_target'],
  ])('CB-10: %s becomes %s', (error, code) => {
    expect(validate(`error=${error}`)).toMatchObject({ kind: 'error', error: { code, reason: error } });
  });

  it.each(['something_new', '', 'ACCESS_DENIED', 'constructor', '__proto__', '<script>', 'x%0aforged'])(
    'CB-10, CB-12: the unknown error "%s" becomes access_denied, and its text is for the log alone',
    (error) => {
      const response = validate(`error=${error}&error_description=<script>&error_uri=javascript:alert(1)`);
      expect(response).toMatchObject({
        kind: 'error',
        error: {
          code: 'access_denied',
          reason: 'unknown_error',
          message: 'access_denied: unknown_error',
          errorResponse: { description: '<script>' },
        },
      });
    },
  );

  it('CB-12: what came with an error is cleaned and cut, and its address is not kept', () => {
    const text = encodeURIComponent(
      `verify\u001b[31m your\r\n\u202ee-mail ada@canary.example ${'so '.repeat(100)}`,
    );
    const query = `error=access_denied&error_description=${text}&error_uri=https://canary.example`;
    expect(findQueryFault(query)).toBeNull();
    const response = validate(query);
    const description = expect.stringMatching(/^verify\[31m your e-mail \[removed\] (so ?){40,60}s?o?$/);
    expect(response).toMatchObject({
      error: { errorResponse: { error: 'access_denied', description } },
    });
    expect(inspect(response, { depth: 5 })).not.toContain('canary');
  });

  it('CB-10: temporarily_unavailable with authentication_expired wants a new request, and alone it does not', () => {
    const expired = 'error=temporarily_unavailable&error_description=authentication_expired';
    expect(validate(expired)).toMatchObject({
      kind: 'authentication_expired',
      error: { code: 'login_required', reason: 'authentication_expired' },
    });
    expect(validate('error=temporarily_unavailable').kind).toBe('error');
    expect(validate(`${expired}_x`).kind).toBe('error');
  });

  it('CB-13: code and error together are rejected', () => {
    expect(validate('code=abc&error=access_denied')).toMatchObject({
      kind: 'error',
      error: { reason: 'code_and_error' },
    });
  });

  it.each(['state=s', 'code=&state=s', ''])(
    'CB-14: without code and error, as in "%s", the sign-in starts over',
    (query) => {
      expect(validate(query)).toMatchObject({
        kind: 'error',
        error: { code: 'transaction_expired', reason: 'code_missing' },
      });
    },
  );

  it.each([
    'https://issuer.example/',
    'https://ISSUER.example',
    'http://issuer.example',
    'https://issuer.example:443',
    'https://other.example',
    '',
  ])('CB-16, RFC 9207: the issuer "%s" is rejected, with a code or an error', (iss) => {
    for (const rest of ['code=abc', 'error=access_denied'])
      expect(validate(`${rest}&iss=${encodeURIComponent(iss)}`)).toMatchObject({
        kind: 'error',
        error: { code: 'invalid_response', reason: 'iss_mismatch' },
      });
  });

  it('CB-16, RFC 9207: a missing issuer is rejected where the server promises one', () => {
    expect(validate('code=abc', true)).toMatchObject({ kind: 'error', error: { reason: 'iss_missing' } });
    expect(validate('error=access_denied', true)).toMatchObject({
      kind: 'error',
      error: { reason: 'iss_missing' },
    });
  });

  it('CB-18: a code of more than 4 KB is rejected', () => {
    expect(validate(`code=${'a'.repeat(4_096)}`)).toMatchObject({ kind: 'code' });
    expect(validate(`code=${'a'.repeat(4_097)}`)).toMatchObject({
      kind: 'error',
      error: { reason: 'code_too_long' },
    });
  });

  it.each(['access_token', 'id_token', 'token', 'token_type'])(
    'CB-20: an unexpected %s is rejected',
    (name) => {
      expect(validate(`code=abc&${name}=forged`)).toMatchObject({
        kind: 'error',
        error: { reason: 'unexpected_parameter' },
      });
      expect(validate(`code=abc&${name}=`)).toMatchObject({ kind: 'error' });
    },
  );

  it('CB-21: a signed response, which no request of ours asks for, is rejected', () => {
    expect(validate('response=eyJ.eyJ.sig')).toMatchObject({
      kind: 'error',
      error: { reason: 'unexpected_parameter' },
    });
  });
});
