import type { WWWAuthenticateChallenge } from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { validateUpstreamResponse } from './upstream-response';

const expected = {
  accepts: ['application/json', 'text/event-stream', 'image/png'] as const,
  granted: ['openid', 'read:contacts'],
  askable: ['openid', 'read:contacts', 'write:messages'],
  tokenFingerprint: 'pseudonym',
  isBound: false,
  isSatisfied: () => false,
};

type Parts = { type?: string | null; body?: string | null; headers?: Record<string, string>; error?: object };

function validate(
  status: number,
  { type = 'application/json', body = '{}', headers = {}, error }: Parts = {},
) {
  const response = new Response(body, { status, headers });
  if (type === null) response.headers.delete('content-type');
  else response.headers.set('content-type', type);
  const challenges = error === undefined ? [] : [{ scheme: 'bearer', parameters: error }];
  return validateUpstreamResponse(
    { response, challenges: challenges as WWWAuthenticateChallenge[] },
    expected,
  );
}

describe('a response that is passed on', () => {
  it.each([
    [200, 'application/json', 'application/json'],
    [201, 'Application/JSON; charset=UTF-8', 'application/json'],
    [202, 'text/event-stream;charset="utf-8"', 'text/event-stream'],
    [200, 'image/png', 'image/png'],
  ])('PX-06: %i %s', async (status, type, mediaType) => {
    expect(await validate(status, { type })).toMatchObject({
      kind: 'ok',
      value: { kind: 'body', status, mediaType },
    });
  });

  it('PX-06: it has no body when the API sends none', async () => {
    const result = await validate(204, { type: null, body: null });
    expect(result).toEqual({
      kind: 'ok',
      value: { kind: 'body', status: 204, mediaType: null, etag: null, body: null },
    });
  });

  it.each([
    ['"a-1"', '"a-1"'],
    ['W/"a-1"', 'W/"a-1"'],
    ['a-1', null],
    ['"a"b"', null],
    [`"${'a'.repeat(200)}"`, null],
  ])('PX-06: the tag %j passes as %j', async (etag, expected) => {
    const result = await validate(200, { type: 'image/png', headers: { etag } });
    expect(result).toMatchObject({ value: { etag: expected } });
  });

  it('PX-06: it may say that the browser has it already', async () => {
    const result = await validate(304, { type: null, body: null, headers: { etag: '"a"' } });
    expect(result).toMatchObject({ kind: 'ok', value: { status: 304, etag: '"a"', body: null } });
  });

  it.each([
    'text/html',
    'text/html; charset=utf-8',
    'application/xhtml+xml',
    'image/svg+xml',
    'application/xml',
    'text/xml',
    'application/javascript',
    'text/plain',
    'text/csv',
    'image/jpeg',
    'image/gif',
    'application/octet-stream',
    'multipart/x-mixed-replace; boundary=x',
    'application/json, text/html',
    'application/json;text/html',
    'application/json; charset=utf-7',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; x=text/html',
    'text/html;application/json',
    '',
    null,
  ])('PX-06: %s does not pass', async (type) => {
    expect(await validate(200, { type, body: '<script>' })).toEqual({
      kind: 'unavailable',
      reason: 'media_type',
    });
  });

  it('PX-09: a compressed response to a request that accepts none does not pass', async () => {
    const result = await validate(200, { headers: { 'content-encoding': 'gzip' } });
    expect(result).toEqual({ kind: 'unavailable', reason: 'content_encoding' });
  });
});

describe('a rejection', () => {
  it.each([
    [
      401,
      {},
      {
        kind: 'invalid_token',
        tokenFingerprint: 'pseudonym',
        rejection: { apiTimeSec: null, error: undefined, description: undefined },
      },
    ],
    [
      401,
      { error: { error: 'insufficient_user_authentication', max_age: '300' } },
      { kind: 'insufficient_user_authentication', requirement: { maxAgeSec: 300, acrValues: [] } },
    ],
    [403, {}, { kind: 'access_denied' }],
    [
      403,
      { error: { error: 'insufficient_scope', scope: 'write:messages' } },
      { kind: 'insufficient_scope', scope: 'write:messages' },
    ],
    [403, { error: { error: 'insufficient_scope', scope: 'admin' } }, { kind: 'access_denied' }],
    [404, {}, { kind: 'not_found' }],
    [429, { headers: { 'retry-after': '7' } }, { kind: 'rate_limited', retryAfterSec: 7 }],
    [429, { headers: { 'retry-after': 'soon' } }, { kind: 'rate_limited', retryAfterSec: null }],
    [500, {}, { kind: 'unavailable', reason: 'status_500' }],
    [503, { type: 'text/html', body: '<h1>' }, { kind: 'unavailable', reason: 'status_503' }],
  ])('PX-10: %i %j has the same result as for a page', async (status, parts: Parts, result) => {
    expect(await validate(status, parts)).toEqual(result);
  });

  it.each([400, 409, 413, 422])(
    'PX-06: %i keeps its status and what is wrong with each field',
    async (status) => {
      const body = JSON.stringify({
        detail: '<b>',
        errors: [{ field: 'text', message: 'is\u202e too long' }],
      });
      expect(await validate(status, { body })).toEqual({
        kind: 'ok',
        value: { kind: 'rejected', status, problems: [{ field: 'text', message: 'is too long' }] },
      });
    },
  );

  it('PX-09: a problem is read up to a limit, however long it is', async () => {
    const body = JSON.stringify({ errors: [{ field: 'a', message: 'b'.repeat(100_000) }] });
    expect(await validate(422, { body })).toMatchObject({ value: { problems: [] } });
  });
});
