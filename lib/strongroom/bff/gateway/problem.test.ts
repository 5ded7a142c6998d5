import { describe, expect, it } from 'vitest';
import { type Failure, problemOfAnswer, problemOfRejection } from './problem';

describe('what a script is told', () => {
  it.each<[Failure, number, string]>([
    [{ kind: 'ended', reason: 'invalid_grant' }, 401, 'session_ended'],
    [{ kind: 'insufficient_scope', permission: 'write:messages' }, 403, 'insufficient_scope'],
    [
      { kind: 'insufficient_user_authentication', requirement: { maxAgeSec: 60, acrValues: [] } },
      401,
      'insufficient_user_authentication',
    ],
    [{ kind: 'denied' }, 403, 'access_denied'],
    [{ kind: 'not_found' }, 404, 'not_found'],
    [{ kind: 'invalid', problems: [] }, 422, 'invalid_content'],
    [{ kind: 'rate_limited', retryAfterSec: 5 }, 429, 'rate_limited'],
    [{ kind: 'unavailable', reason: 'timeout' }, 504, 'api_timeout'],
    [{ kind: 'unavailable', reason: 'redirect' }, 502, 'invalid_response'],
    [{ kind: 'unavailable', reason: 'media_type' }, 502, 'invalid_response'],
    [{ kind: 'unavailable', reason: 'network' }, 502, 'api_unavailable'],
    [{ kind: 'unavailable', reason: 'status_503' }, 502, 'api_unavailable'],
    [{ kind: 'unavailable', reason: 'address_rejected' }, 502, 'api_unavailable'],
    [{ kind: 'unavailable', reason: 'token_expired' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'refresh_delayed' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'body_not_repeatable' }, 503, 'temporarily_unavailable'],
    [{ kind: 'unavailable', reason: 'request_too_large' }, 413, 'body_too_large'],
    [{ kind: 'unavailable', reason: 'internal_error' }, 500, 'internal_error'],
  ])('PX-10: %j is %i %s', (answer, status, code) => {
    expect(problemOfAnswer(answer)).toMatchObject({ status, code });
  });

  it('PX-10: the permission to ask for, and when to ask again', () => {
    expect(problemOfAnswer({ kind: 'insufficient_scope', permission: 'write:messages' })).toMatchObject({
      scope: 'write:messages',
    });
    expect(problemOfAnswer({ kind: 'rate_limited', retryAfterSec: 5 })).toMatchObject({ retryAfterSec: 5 });
    expect(problemOfAnswer({ kind: 'rate_limited', retryAfterSec: null })).not.toHaveProperty(
      'retryAfterSec',
    );
  });

  it.each([
    [400, 'invalid_request'],
    [409, 'conflict'],
    [413, 'body_too_large'],
    [422, 'invalid_content'],
  ] as const)('PX-06: a rejection with %i keeps it, as %s', (status, code) => {
    const errors = [{ field: 'text', message: 'is empty' }];
    expect(problemOfRejection(status, errors)).toMatchObject({ status, code, errors });
  });
});
