import { describe, expect, it } from 'vitest';
import { validateAuthorizationResponse, validateQueryShape } from './authorization-response';

const issuer = 'https://issuer.example';
const judge = (query: string, isIssuerRequired = false) =>
  validateAuthorizationResponse(new URLSearchParams(query), { issuer, isIssuerRequired });

describe('the shape of the query that comes back', () => {
  it.each([
    ['code=a&state=b&iss=https%3A%2F%2Fissuer.example'],
    ['error=access_denied&error_description=%C5%BElu%C5%A5&state=b'],
    [''],
    ['code=a+b%20c&state=x&session_state=y'],
  ])('"%s" may be looked at', (query) => {
    expect(validateQueryShape(query)).toBeNull();
  });

  it.each(['code', 'state', 'iss', 'error', 'response'])(
    'CB-15: a repeated %s is rejected, in any order',
    (name) => {
      for (const query of [
        `${name}=right&${name}=wrong`,
        `${name}=wrong&x=1&${name}=right`,
        `${name}=a&${name}=a`,
      ])
        expect(validateQueryShape(query)).toEqual({ reason: 'repeated_parameter' });
      expect(validateQueryShape(`${name}=a&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=b`)).toEqual({
        reason: 'repeated_parameter',
      });
    },
  );

  it('CB-15: state[] and STATE are other names, and stand in for nothing', () => {
    const query = 'state[]=a&STATE=b&code[]=c&CODE=d';
    expect(validateQueryShape(query)).toBeNull();
    expect(judge(query)).toMatchObject({ kind: 'rejected', reason: 'code_missing' });
  });

  it.each([
    [`code=${'a'.repeat(8_192)}`, 'query_too_long'],
    [`state=${'a'.repeat(2_049)}`, 'state_too_long'],
    [Array.from({ length: 21 }, (_, number) => `p${number}=1`).join('&'), 'too_many_parameters'],
  ])('CB-18: an oversized query is rejected: %.20s… as %s', (query, reason) => {
    expect(validateQueryShape(query)).toEqual({ reason });
  });

  it.each([
    ['code=%'],
    ['code=%f'],
    ['code=%zz'],
    ['%'],
    ['code=%ff'],
    ['code=%00'],
    ['code=a%0d%0aX:y'],
    ['code=a%26grant_type%3Dpassword%0d%0aX:y'],
    ['state=%c0%af'],
    ['state=%ed%a0%80'],
    ['code=a\u0007'],
    ['%00=a&code=b'],
    ['c%ffde=a'],
    ['?code=a&state=b'],
  ])('CB-19: malformed bytes are rejected: %s', (query) => {
    expect(validateQueryShape(query)).toEqual({ reason: 'query_encoding' });
  });
});

describe('the answer to a request of this browser', () => {
  it('is its code', () => {
    expect(judge('code=abc&state=s')).toEqual({ kind: 'code', code: 'abc' });
    expect(judge('code=abc&state=s&iss=https%3A%2F%2Fissuer.example', true)).toEqual({
      kind: 'code',
      code: 'abc',
    });
  });

  it('CB-09: access_denied is a decision of the person', () => {
    expect(judge('error=access_denied')).toMatchObject({ kind: 'error', code: 'access_denied' });
  });

  it.each([
    ['server_error', 'temporarily_unavailable'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['login_required', 'interaction_required'],
    ['interaction_required', 'interaction_required'],
    ['account_selection_required', 'interaction_required'],
    ['consent_required', 'interaction_required'],
    ['unmet_authentication_requirements', 'unmet_authentication_requirements'],
    ['invalid_request_uri', 'transaction_expired'],
    ['invalid_request', 'configuration_invalid'],
    ['invalid_request_object', 'configuration_invalid'],
    ['request_not_supported', 'configuration_invalid'],
    ['unauthorized_client', 'configuration_invalid'],
    ['unsupported_response_type', 'configuration_invalid'],
    ['invalid_scope', 'configuration_invalid'],
    ['invalid_target', 'configuration_invalid'],
  ])('CB-10: %s becomes %s', (error, code) => {
    expect(judge(`error=${error}`)).toEqual({ kind: 'error', code, reason: error });
  });

  it.each(['something_new', '', 'ACCESS_DENIED', 'constructor', '__proto__', '<script>', 'x%0aforged'])(
    'CB-10, CB-12: the unknown error "%s" is not believed, and its text goes nowhere',
    (error) => {
      const answer = judge(`error=${error}&error_description=<script>&error_uri=javascript:alert(1)`);
      expect(answer).toEqual({ kind: 'error', code: 'invalid_response', reason: 'unknown_error' });
    },
  );

  it('CB-12: the description of a known error goes nowhere either', () => {
    const answer = judge('error=access_denied&error_description=canary&error_uri=https://canary.example');
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  it('CB-13: code and error together are rejected', () => {
    expect(judge('code=abc&error=access_denied')).toMatchObject({
      kind: 'rejected',
      reason: 'code_and_error',
    });
  });

  it.each(['state=s', 'code=&state=s', ''])('CB-14: neither code nor error in "%s" starts over', (query) => {
    expect(judge(query)).toEqual({ kind: 'rejected', code: 'transaction_expired', reason: 'code_missing' });
  });

  it.each([
    'https://issuer.example/',
    'https://ISSUER.example',
    'http://issuer.example',
    'https://issuer.example:443',
    'https://other.example',
    '',
  ])('CB-16, RFC 9207: the issuer "%s" is not ours, with a code or an error', (iss) => {
    for (const rest of ['code=abc', 'error=access_denied'])
      expect(judge(`${rest}&iss=${encodeURIComponent(iss)}`)).toMatchObject({
        kind: 'rejected',
        code: 'invalid_response',
        reason: 'iss_mismatch',
      });
  });

  it('CB-16, RFC 9207: a missing issuer is rejected where the server promises one', () => {
    expect(judge('code=abc', true)).toMatchObject({ kind: 'rejected', reason: 'iss_missing' });
    expect(judge('error=access_denied', true)).toMatchObject({ kind: 'rejected', reason: 'iss_missing' });
  });

  it('CB-18: a code of more than 4 KB is rejected', () => {
    expect(judge(`code=${'a'.repeat(4_096)}`)).toMatchObject({ kind: 'code' });
    expect(judge(`code=${'a'.repeat(4_097)}`)).toMatchObject({ kind: 'rejected', reason: 'code_too_long' });
  });

  it.each(['access_token', 'id_token', 'token', 'token_type'])(
    'CB-20: an unexpected %s is rejected',
    (name) => {
      expect(judge(`code=abc&${name}=forged`)).toMatchObject({
        kind: 'rejected',
        reason: 'unexpected_parameter',
      });
      expect(judge(`code=abc&${name}=`)).toMatchObject({ kind: 'rejected' });
    },
  );

  it('CB-21: a signed response that nobody asked for is rejected', () => {
    expect(judge('response=eyJ.eyJ.sig')).toMatchObject({ kind: 'rejected', reason: 'unexpected_parameter' });
  });
});
