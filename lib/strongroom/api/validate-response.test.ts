import { describe, expect, it } from 'vitest';
import { rules, validateStatus } from '../testing/api-response';
import { validateApiResponse } from './validate-response';

describe('a response of the API', () => {
  it.each([[200], [201]])('with %i and the expected shape is its value', (status) => {
    expect(validateStatus(status)).toEqual({ kind: 'ok', value: { name: 'Ada' } });
  });

  it.each(['application/json; charset=utf-8', 'application/vnd.example+json', 'Application/JSON'])(
    'of type %s is JSON',
    (type) => {
      expect(validateStatus(200, { headers: { 'content-type': type } }).kind).toBe('ok');
    },
  );

  it.each([404, 410])('RC-05: %i is not found', (status) => {
    expect(validateStatus(status)).toEqual({ kind: 'not_found' });
  });

  it.each([400, 409, 413, 422])('RC-05: %i lists what is not valid, as plain text', (status) => {
    const errors = [
      { field: 'text', message: 'is too\r\nlong' },
      { field: 'name', message: '\u0007' },
    ];
    expect(validateStatus(status, { text: JSON.stringify({ title: 'x', errors }) })).toEqual({
      kind: 'invalid',
      problems: [
        { field: 'text', message: 'is toolong' },
        { field: 'name', message: 'is not valid' },
      ],
    });
  });

  it.each(['', '<html>', '[]', '{"errors":7}', '{"errors":[{"field":7}]}', 'null'])(
    'RC-11: 422 with the body %j is invalid without details',
    (text) => {
      expect(validateStatus(422, { text })).toEqual({ kind: 'invalid', problems: [] });
    },
  );

  it('RC-11: 422 with a thousand problems is invalid without details, not a thousand lines', () => {
    const errors = Array.from({ length: 1_000 }, () => ({ field: 'a', message: 'b' }));
    expect(validateStatus(422, { text: JSON.stringify({ errors }) })).toEqual({
      kind: 'invalid',
      problems: [],
    });
  });

  it.each([
    ['30', 30],
    ['999999', 3_600],
    ['-1', null],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ])('RC-07: 429 with Retry-After %s says to wait %j seconds', (value, retryAfterSec) => {
    expect(validateStatus(429, { headers: { 'retry-after': value } })).toEqual({
      kind: 'rate_limited',
      retryAfterSec,
    });
  });

  it('RC-07: 429 without Retry-After does not say how long', () => {
    expect(validateStatus(429)).toEqual({ kind: 'rate_limited', retryAfterSec: null });
  });

  it.each([500, 502, 503, 504, 301, 418])('RC-08: %i is unavailable for now', (status) => {
    expect(validateStatus(status)).toEqual({ kind: 'unavailable', reason: `status_${status}` });
  });

  it.each([['timeout'], ['network'], ['redirect'], ['body_too_large']])(
    'RC-08: no response (%s) is unavailable for now',
    (reason) => {
      expect(validateApiResponse({ kind: 'no_response', reason }, rules)).toEqual({
        kind: 'unavailable',
        reason,
      });
    },
  );

  it.each(['text/html', 'text/plain', 'application/jsonp', ''])(
    'RC-08: 200 as "%s" is unavailable',
    (type) => {
      expect(validateStatus(200, { headers: { 'content-type': type } })).toEqual({
        kind: 'unavailable',
        reason: 'not_json',
      });
    },
  );

  it.each([
    '',
    '{',
    '<html>',
    'null',
    '[]',
    '{}',
    '{"name":7}',
    '{"error":"x"}',
    '{"__proto__":{"name":"Ada"}}',
  ])('RC-08, RC-11: 200 with the body %j is unavailable', (text) => {
    expect(validateStatus(200, { text })).toEqual({ kind: 'unavailable', reason: 'unexpected_shape' });
  });
});
