import type { WWWAuthenticateChallenge } from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pageSchema } from '../../api/wire';
import type { ApiResponse } from './send-request';
import { validateApiResponse } from './validate-response';

const rules = {
  schema: z.object({ name: z.string() }),
  granted: ['openid', 'read:contacts'],
  askable: ['openid', 'offline_access', 'read:contacts', 'write:messages'],
  tokenFingerprint: 'mark-of-the-token',
  isBound: false,
  isSatisfied: () => false,
};

type Parts = { text?: string; headers?: Record<string, string>; challenges?: WWWAuthenticateChallenge[] };

function respond(
  status: number,
  { text = '{"name":"Ada"}', headers = {}, challenges = [] }: Parts = {},
): ApiResponse {
  const all = new Headers({ 'content-type': 'application/json', ...headers });
  return { kind: 'response', status, headers: all, text, challenges };
}

const validate = (status: number, parts: Parts = {}) => validateApiResponse(respond(status, parts), rules);

function insufficient(scope: string | undefined): { challenges: WWWAuthenticateChallenge[] } {
  const parameters = { error: 'insufficient_scope', ...(scope === undefined ? {} : { scope }) };
  return { challenges: [{ scheme: 'bearer', parameters }] as WWWAuthenticateChallenge[] };
}

describe('a response of the API', () => {
  it.each([[200], [201]])('with %i and the expected shape is its value', (status) => {
    expect(validate(status)).toEqual({ kind: 'ok', value: { name: 'Ada' } });
  });

  it.each(['application/json; charset=utf-8', 'application/vnd.example+json', 'Application/JSON'])(
    'of type %s is JSON',
    (type) => {
      expect(validate(200, { headers: { 'content-type': type } }).kind).toBe('ok');
    },
  );

  it('RC-02: 401 rejects the token, with or without a challenge', () => {
    const rejected = { kind: 'invalid_token', tokenFingerprint: 'mark-of-the-token' };
    expect(validate(401)).toEqual({ ...rejected, rejection: { apiTimeSec: null } });
    const headers = { date: 'Thu, 12 Mar 2026 12:00:00 GMT' };
    const error = 'insufficient_scope';
    expect(validate(401, { ...insufficient('write:messages'), headers })).toEqual({
      ...rejected,
      rejection: { apiTimeSec: Date.UTC(2026, 2, 12, 12) / 1000, error },
    });
  });

  it('RC-04: 403 with a scope that may be asked for needs that permission', () => {
    expect(validate(403, insufficient('write:messages'))).toEqual({
      kind: 'insufficient_scope',
      scope: 'write:messages',
    });
    expect(validate(403, insufficient('read:contacts write:messages'))).toMatchObject({
      scope: 'write:messages',
    });
  });

  it.each(['read:contacts', 'openid read:contacts'])(
    'RC-04: 403 for "%s", which is granted already, is denied: asking again would go in circles',
    (scope) => {
      expect(validate(403, insufficient(scope))).toEqual({ kind: 'access_denied' });
    },
  );

  it.each(['admin', 'admin "><script>', '', 'WRITE:MESSAGES', 'write:messages\u00a0', undefined])(
    'RC-04: 403 for %j, which the application never asks for, is denied',
    (scope) => {
      expect(validate(403, insufficient(scope))).toEqual({ kind: 'access_denied' });
    },
  );

  it('RC-05: 403 for another reason is denied', () => {
    const challenges = [
      { scheme: 'bearer', parameters: { error: 'invalid_token', scope: 'write:messages' } },
      { scheme: 'basic', parameters: {} },
    ] as WWWAuthenticateChallenge[];
    expect(validate(403)).toEqual({ kind: 'access_denied' });
    expect(validate(403, { challenges })).toEqual({ kind: 'access_denied' });
  });

  it('RC-09: among several challenges the one about the scope counts', () => {
    const challenges = [
      { scheme: 'basic', parameters: { realm: 'a' } },
      ...insufficient('write:messages').challenges,
    ] as WWWAuthenticateChallenge[];
    expect(validate(403, { challenges })).toMatchObject({ kind: 'insufficient_scope' });
  });

  it.each(['basic', 'digest', 'negotiate'])(
    'RC-09: an insufficient_scope of the scheme %s is about other credentials than ours',
    (scheme) => {
      const [{ parameters } = { parameters: {} }] = insufficient('write:messages').challenges;
      const challenges = [{ scheme, parameters }] as WWWAuthenticateChallenge[];
      expect(validate(403, { challenges })).toEqual({ kind: 'access_denied' });
    },
  );

  const dpop = (error?: string) =>
    [{ scheme: 'dpop', parameters: error === undefined ? {} : { error } }] as WWWAuthenticateChallenge[];
  const bound = { ...rules, isBound: true };

  it.each([undefined, 'invalid_token'])(
    'CA-08: 401 whose only challenge is DPoP (%s) says that a bearer token will not do',
    (error) => {
      expect(validate(401, { challenges: dpop(error) })).toEqual({ kind: 'dpop_required' });
      const more = [...dpop(error), { scheme: 'bearer', parameters: {} }] as WWWAuthenticateChallenge[];
      expect(validate(401, { challenges: more }).kind).toBe('invalid_token');
    },
  );

  it.each(['use_dpop_nonce', 'invalid_dpop_proof'])(
    'CA-05: 401 with %s is not about the token, so that none is refreshed for it',
    (reason) => {
      const response = respond(401, { challenges: dpop(reason) });
      expect(validateApiResponse(response, bound)).toEqual({ kind: 'unavailable', reason });
    },
  );

  it('CA-04: a bound token is rejected, and lacks a scope, by challenges of the scheme DPoP', () => {
    const response = respond(401, { challenges: dpop('invalid_token') });
    const rejection = { apiTimeSec: null, error: 'invalid_token' };
    expect(validateApiResponse(response, bound)).toMatchObject({ kind: 'invalid_token', rejection });
    const [{ parameters } = { parameters: {} }] = insufficient('write:messages').challenges;
    const challenges = [{ scheme: 'DPoP', parameters }] as WWWAuthenticateChallenge[];
    const lacking = { kind: 'insufficient_scope', scope: 'write:messages' };
    expect(validateApiResponse(respond(403, { challenges }), bound)).toEqual(lacking);
    expect(validate(403, { challenges })).toEqual({ kind: 'access_denied' });
  });

  it.each([404, 410])('RC-05: %i is not found', (status) => {
    expect(validate(status)).toEqual({ kind: 'not_found' });
  });

  it.each([400, 409, 413, 422])('RC-05: %i lists what is not valid, as plain text', (status) => {
    const errors = [
      { field: 'text', message: 'is too\r\nlong' },
      { field: 'name', message: '\u0007' },
    ];
    expect(validate(status, { text: JSON.stringify({ title: 'x', errors }) })).toEqual({
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
      expect(validate(422, { text })).toEqual({ kind: 'invalid', problems: [] });
    },
  );

  it('RC-11: 422 with a thousand problems is invalid without details, not a thousand lines', () => {
    const errors = Array.from({ length: 1_000 }, () => ({ field: 'a', message: 'b' }));
    expect(validate(422, { text: JSON.stringify({ errors }) })).toEqual({ kind: 'invalid', problems: [] });
  });

  it.each([
    ['30', 30],
    ['999999', 3_600],
    ['-1', null],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ])('RC-07: 429 with Retry-After %s says to wait %j seconds', (value, retryAfterSec) => {
    expect(validate(429, { headers: { 'retry-after': value } })).toEqual({
      kind: 'rate_limited',
      retryAfterSec,
    });
  });

  it('RC-07: 429 without Retry-After does not say how long', () => {
    expect(validate(429)).toEqual({ kind: 'rate_limited', retryAfterSec: null });
  });

  it.each([500, 502, 503, 504, 301, 418])('RC-08: %i is unavailable for now', (status) => {
    expect(validate(status)).toEqual({ kind: 'unavailable', reason: `status_${status}` });
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
      expect(validate(200, { headers: { 'content-type': type } })).toEqual({
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
    expect(validate(200, { text })).toEqual({ kind: 'unavailable', reason: 'unexpected_shape' });
  });
});

describe('a page of a list', () => {
  const schema = pageSchema(z.object({ id: z.string() }));
  const page = (changes = {}) => ({ items: [{ id: 'a' }], page: 1, per_page: 20, total: 1, ...changes });

  it('is read in our own terms', () => {
    expect(schema.parse(page({ more: 1 }))).toEqual({ items: [{ id: 'a' }], page: 1, perPage: 20, total: 1 });
  });

  it.each([
    [{ items: Array.from({ length: 10_000 }, () => ({ id: 'a' })) }],
    [{ items: { length: 1 } }],
    [{ items: [{ id: 7 }] }],
    [{ total: 1e300 }],
    [{ total: -1 }],
    [{ page: 1.5 }],
    [{ per_page: undefined }],
  ])('RC-11: with %.60j is rejected', (changes) => {
    expect(schema.safeParse(page(changes)).success).toBe(false);
  });
});

describe('RC-06: a step-up for a better sign-in', () => {
  const stepUp = (parameters: Record<string, string>, isSatisfied = false) => {
    const challenges = [
      { scheme: 'bearer', parameters: { error: 'insufficient_user_authentication', ...parameters } },
    ] as WWWAuthenticateChallenge[];
    return validateApiResponse(respond(401, { challenges }), { ...rules, isSatisfied: () => isSatisfied });
  };

  it('RC-06: is read with its age and its ways of signing in', () => {
    expect(stepUp({ max_age: '300', acr_values: 'gold silver' })).toEqual({
      kind: 'insufficient_user_authentication',
      requirement: { maxAgeSec: 300, acrValues: ['gold', 'silver'] },
    });
  });

  it.each([
    [{}],
    [{ max_age: '-1' }],
    [{ max_age: 'soon' }],
    [{ max_age: '1e9' }],
    [{ max_age: '99999999999' }],
    [{ acr_values: `${'a'.repeat(256)}` }],
    [{ acr_values: Array.from({ length: 11 }, (_, number) => `a${number}`).join(' ') }],
    [{ acr_values: 'ä' }],
  ])('RC-06: %j asks for nothing that a sign-in can provide', (parameters) => {
    expect(stepUp(parameters as Record<string, string>)).toEqual({ kind: 'access_denied' });
  });

  it('RC-06: that the sign-in already meets is a rejection, so that the user is not asked in a loop', () => {
    expect(stepUp({ max_age: '300' }, true)).toEqual({ kind: 'access_denied' });
  });
});
