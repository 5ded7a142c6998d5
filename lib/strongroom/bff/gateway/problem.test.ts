import { describe, expect, it } from 'vitest';
import { type FailedResult, problemOfRejection, problemOfResult } from './problem';

describe('a problem for a script', () => {
  it.each<[FailedResult, number, string]>([
    [{ kind: 'login_required', reason: 'invalid_grant' }, 401, 'login_required'],
    [{ kind: 'insufficient_scope', scope: 'write:messages' }, 403, 'insufficient_scope'],
    [
      { kind: 'insufficient_user_authentication', requirement: { maxAgeSec: 60, acrValues: [] } },
      401,
      'insufficient_user_authentication',
    ],
    [{ kind: 'access_denied' }, 403, 'access_denied'],
    [{ kind: 'not_found' }, 404, 'not_found'],
    [{ kind: 'invalid', problems: [] }, 422, 'invalid_content'],
    [{ kind: 'rate_limited', retryAfterSec: 5 }, 429, 'rate_limited'],
    [{ kind: 'unavailable', reason: 'redirect' }, 502, 'invalid_response'],
    [{ kind: 'unavailable', reason: 'media_type' }, 502, 'invalid_response'],
    [{ kind: 'unavailable', reason: 'timeout' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'network' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'status_503' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'address_rejected' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'token_expired' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'refresh_delayed' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'body_not_repeatable' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'request_too_large' }, 413, 'body_too_large'],
    [{ kind: 'unavailable', reason: 'request_cut' }, 400, 'invalid_request'],
    [{ kind: 'unavailable', reason: 'internal_error' }, 500, 'internal_error'],
  ])('PX-10: %j is %i %s', (result, status, code) => {
    expect(problemOfResult(result)).toMatchObject({ status, code });
  });

  it('PX-10: names the scope to ask for, and when to try again', () => {
    expect(problemOfResult({ kind: 'insufficient_scope', scope: 'write:messages' })).toMatchObject({
      scope: 'write:messages',
    });
    expect(problemOfResult({ kind: 'rate_limited', retryAfterSec: 5 })).toMatchObject({ retryAfterSec: 5 });
    expect(problemOfResult({ kind: 'rate_limited', retryAfterSec: null })).not.toHaveProperty(
      'retryAfterSec',
    );
  });

  it.each([
    [400, 'invalid_request'],
    [409, 'conflict'],
    [413, 'body_too_large'],
    [422, 'invalid_content'],
  ] as const)('PX-06: a rejection with %i keeps its status, as %s', (status, code) => {
    const errors = [{ field: 'text', message: 'is empty' }];
    expect(problemOfRejection(status, errors)).toMatchObject({ status, code, errors });
  });
});
