/** RFC 6749 §5.2: a response of the token endpoint that is an error. */
import { describe, expect, it } from 'vitest';
import { appErrorThrownBy } from '../testing/expect-app-error';
import { validateTokenResponse } from './token-response';

const jsonType = 'application/json; charset=utf-8';
const readJson = (text: string) => validateTokenResponse({ status: 200, contentType: jsonType, text });

describe('a token response', () => {
  it.each([
    [400, 'invalid_grant', 'invalid_grant'],
    [401, 'invalid_client', 'invalid_client'],
    [400, 'invalid_client', 'invalid_client'],
    [400, 'unauthorized_client', 'configuration_invalid'],
    [400, 'unsupported_grant_type', 'configuration_invalid'],
    [400, 'invalid_scope', 'invalid_scope'],
    [400, 'invalid_target', 'invalid_target'],
    [400, 'invalid_request', 'invalid_response'],
    [400, '<script>', 'invalid_response'],
    [400, 'constructor', 'invalid_response'],
    [403, '', 'invalid_response'],
    [418, 7, 'invalid_response'],
  ])('TK-03, TK-04: %i with error %j becomes %s', (status, error, code) => {
    const body = JSON.stringify({ error, error_description: '<b>canary</b>' });
    const rejected = appErrorThrownBy(() =>
      validateTokenResponse({ status, contentType: jsonType, text: body }),
    );
    expect(rejected.code).toBe(code);
    expect(rejected.message).not.toMatch(/canary|script/);
  });

  it('TK-04: 401 without a readable body means that the client was not accepted', () => {
    const error = appErrorThrownBy(() =>
      validateTokenResponse({ status: 401, contentType: 'text/html', text: '<h1>401</h1>' }),
    );
    expect([error.code, error.reason]).toEqual(['invalid_client', 'invalid_client']);
  });

  it.each([
    ['incorrect_client_credentials', 'invalid_client'],
    ['bad_verification_code', 'invalid_grant'],
    ['bad_refresh_token', 'invalid_grant'],
    ['unverified_user_email', 'invalid_response'],
  ])('TK-02: an error that comes with status 200 is an error: %s is %s', (error, code) => {
    const rejected = appErrorThrownBy(() => readJson(JSON.stringify({ error, error_description: 'no' })));
    expect([rejected.code, rejected.errorResponse?.error]).toEqual([code, error]);
  });
});
