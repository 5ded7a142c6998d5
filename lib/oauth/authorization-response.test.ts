import { describe, expect, it } from 'vitest';
import { judgeAuthorizationResponse, judgeQueryShape } from './authorization-response';

const issuer = 'https://issuer.example';
const judge = (query: string, isIssuerRequired = false) =>
  judgeAuthorizationResponse(new URLSearchParams(query), { issuer, isIssuerRequired });

describe('the shape of the query that comes back', () => {
  it.each([
    ['code=a&state=b&iss=https%3A%2F%2Fissuer.example'],
    ['error=access_denied&error_description=%C5%BElu%C5%A5&state=b'],
    [''],
    ['code=a+b%20c&state=x&session_state=y'],
  ])('"%s" may be looked at', (query) => {
    expect(judgeQueryShape(query)).toBeNull();
  });

  it.each(['code', 'state', 'iss', 'error', 'response'])(
    'CB-15: a repeated %s is refused, in any order',
    (name) => {
      for (const query of [
        `${name}=right&${name}=wrong`,
        `${name}=wrong&x=1&${name}=right`,
        `${name}=a&${name}=a`,
      ])
        expect(judgeQueryShape(query)).toEqual({ reason: 'repeated_parameter' });
      expect(judgeQueryShape(`${name}=a&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=b`)).toEqual({
        reason: 'repeated_parameter',
      });
    },
  );

  it('CB-15: state[] and STATE are other names, and stand in for nothing', () => {
    const query = 'state[]=a&STATE=b&code[]=c&CODE=d';
    expect(judgeQueryShape(query)).toBeNull();
    expect(judge(query)).toMatchObject({ kind: 'refused', reason: 'code_missing' });
  });

  it.each([
    [`code=${'a'.repeat(8_192)}`, 'query_too_long'],
    [`state=${'a'.repeat(2_049)}`, 'state_too_long'],
    [Array.from({ length: 21 }, (_, number) => `p${number}=1`).join('&'), 'too_many_parameters'],
  ])('CB-18: an oversized query is refused: %.20s… as %s', (query, reason) => {
    expect(judgeQueryShape(query)).toEqual({ reason });
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
  ])('CB-19: malformed bytes are refused: %s', (query) => {
    expect(judgeQueryShape(query)).toEqual({ reason: 'query_encoding' });
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
    ['server_error', 'sign_in_service_down'],
    ['temporarily_unavailable', 'sign_in_service_down'],
    ['login_required', 'interaction_required'],
    ['interaction_required', 'interaction_required'],
    ['account_selection_required', 'interaction_required'],
    ['consent_required', 'interaction_required'],
    ['unmet_authentication_requirements', 'unmet_authentication_requirements'],
    ['invalid_request_uri', 'sign_in_expired'],
    ['invalid_request', 'sign_in_misconfigured'],
    ['invalid_request_object', 'sign_in_misconfigured'],
    ['request_not_supported', 'sign_in_misconfigured'],
    ['unauthorized_client', 'sign_in_misconfigured'],
    ['unsupported_response_type', 'sign_in_misconfigured'],
    ['invalid_scope', 'sign_in_misconfigured'],
    ['invalid_target', 'sign_in_misconfigured'],
  ])('CB-10: %s becomes %s', (error, code) => {
    expect(judge(`error=${error}`)).toEqual({ kind: 'error', code, reason: error });
  });

  it.each(['something_new', '', 'ACCESS_DENIED', 'constructor', '__proto__', '<script>', 'x%0aforged'])(
    'CB-10, CB-12: the unknown error "%s" is not believed, and its text goes nowhere',
    (error) => {
      const answer = judge(`error=${error}&error_description=<script>&error_uri=javascript:alert(1)`);
      expect(answer).toEqual({ kind: 'error', code: 'answer_not_believed', reason: 'unknown_error' });
    },
  );

  it('CB-12: the description of a known error goes nowhere either', () => {
    const answer = judge('error=access_denied&error_description=canary&error_uri=https://canary.example');
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  it('CB-13: code and error together are refused', () => {
    expect(judge('code=abc&error=access_denied')).toMatchObject({
      kind: 'refused',
      reason: 'code_and_error',
    });
  });

  it.each(['state=s', 'code=&state=s', ''])('CB-14: neither code nor error in "%s" starts over', (query) => {
    expect(judge(query)).toEqual({ kind: 'refused', code: 'sign_in_expired', reason: 'code_missing' });
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
        kind: 'refused',
        code: 'answer_not_believed',
        reason: 'iss_mismatch',
      });
  });

  it('CB-16, RFC 9207: a missing issuer is refused where the server promises one', () => {
    expect(judge('code=abc', true)).toMatchObject({ kind: 'refused', reason: 'iss_missing' });
    expect(judge('error=access_denied', true)).toMatchObject({ kind: 'refused', reason: 'iss_missing' });
  });

  it('CB-18: a code of more than 4 KB is refused', () => {
    expect(judge(`code=${'a'.repeat(4_096)}`)).toMatchObject({ kind: 'code' });
    expect(judge(`code=${'a'.repeat(4_097)}`)).toMatchObject({ kind: 'refused', reason: 'code_too_long' });
  });

  it.each(['access_token', 'id_token', 'token', 'token_type'])(
    'CB-20: an unexpected %s is refused',
    (name) => {
      expect(judge(`code=abc&${name}=forged`)).toMatchObject({
        kind: 'refused',
        reason: 'unexpected_parameter',
      });
      expect(judge(`code=abc&${name}=`)).toMatchObject({ kind: 'refused' });
    },
  );

  it('CB-21: a signed response that nobody asked for is refused', () => {
    expect(judge('response=eyJ.eyJ.sig')).toMatchObject({ kind: 'refused', reason: 'unexpected_parameter' });
  });
});
