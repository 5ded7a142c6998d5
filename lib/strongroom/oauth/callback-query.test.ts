/** What is wrong with the query of a callback before anything in it is believed. */
import { describe, expect, it } from 'vitest';
import { findQueryFault, validateAuthorizationResponse } from './authorization-response';

const issuer = 'https://issuer.example';
const validate = (query: string, isIssuerRequired = false) =>
  validateAuthorizationResponse(new URLSearchParams(query), { issuer, isIssuerRequired });

describe('the query of a callback', () => {
  it.each([
    ['code=a&state=b&iss=https%3A%2F%2Fissuer.example'],
    ['error=access_denied&error_description=%C5%BElu%C5%A5&state=b'],
    [''],
    ['code=a+b%20c&state=x&session_state=y'],
  ])('"%s" is well formed', (query) => {
    expect(findQueryFault(query)).toBeNull();
  });

  it.each(['code', 'state', 'iss', 'error', 'response'])(
    'CB-15: a repeated %s is rejected, in any order',
    (name) => {
      for (const query of [
        `${name}=right&${name}=wrong`,
        `${name}=wrong&x=1&${name}=right`,
        `${name}=a&${name}=a`,
      ])
        expect(findQueryFault(query)).toBe('repeated_parameter');
      expect(findQueryFault(`${name}=a&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=b`)).toBe(
        'repeated_parameter',
      );
    },
  );

  it('CB-15: state[] and STATE are not read as state', () => {
    const query = 'state[]=a&STATE=b&code[]=c&CODE=d';
    expect(findQueryFault(query)).toBeNull();
    expect(validate(query)).toMatchObject({ kind: 'error', error: { reason: 'code_missing' } });
  });

  it.each([
    [`code=${'a'.repeat(8_192)}`, 'query_too_long'],
    [`state=${'a'.repeat(2_049)}`, 'state_too_long'],
    [Array.from({ length: 21 }, (_, number) => `p${number}=1`).join('&'), 'too_many_parameters'],
  ])('CB-18: an oversized query is rejected: %.20s… as %s', (query, reason) => {
    expect(findQueryFault(query)).toBe(reason);
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
    expect(findQueryFault(query)).toBe('query_encoding');
  });
});
