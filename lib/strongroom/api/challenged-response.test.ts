/** RFC 6750 §3 and RFC 9470: what a 401 or a 403 asks for, by its challenges. */
import type { WWWAuthenticateChallenge } from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { buildResponse, insufficientScope, rules, validateStatus } from '../testing/api-response';
import { validateApiResponse } from './validate-response';

describe('a response of the API', () => {
  it('RC-02: 401 rejects the token, with or without a challenge', () => {
    const rejected = { kind: 'invalid_token', tokenFingerprint: 'mark-of-the-token' };
    expect(validateStatus(401)).toEqual({ ...rejected, rejection: { apiTimeSec: null } });
    const headers = { date: 'Thu, 12 Mar 2026 12:00:00 GMT' };
    const error = 'insufficient_scope';
    expect(validateStatus(401, { ...insufficientScope('write:messages'), headers })).toEqual({
      ...rejected,
      rejection: { apiTimeSec: Date.UTC(2026, 2, 12, 12) / 1000, error },
    });
  });

  it('RC-04: 403 with a scope that may be asked for needs that permission', () => {
    expect(validateStatus(403, insufficientScope('write:messages'))).toEqual({
      kind: 'insufficient_scope',
      scope: 'write:messages',
    });
    expect(validateStatus(403, insufficientScope('read:contacts write:messages'))).toMatchObject({
      scope: 'write:messages',
    });
  });

  it.each(['read:contacts', 'openid read:contacts'])(
    'RC-04: 403 for "%s", which is granted already, is denied: asking again would go in circles',
    (scope) => {
      expect(validateStatus(403, insufficientScope(scope))).toEqual({ kind: 'access_denied' });
    },
  );

  it.each(['admin', 'admin "><script>', '', 'WRITE:MESSAGES', 'write:messages\u00a0', undefined])(
    'RC-04: 403 for %j, which the application never asks for, is denied',
    (scope) => {
      expect(validateStatus(403, insufficientScope(scope))).toEqual({ kind: 'access_denied' });
    },
  );

  it('RC-05: 403 for another reason is denied', () => {
    const challenges = [
      { scheme: 'bearer', parameters: { error: 'invalid_token', scope: 'write:messages' } },
      { scheme: 'basic', parameters: {} },
    ] as WWWAuthenticateChallenge[];
    expect(validateStatus(403)).toEqual({ kind: 'access_denied' });
    expect(validateStatus(403, { challenges })).toEqual({ kind: 'access_denied' });
  });

  it('RC-09: among several challenges the one about the scope counts', () => {
    const challenges = [
      { scheme: 'basic', parameters: { realm: 'a' } },
      ...insufficientScope('write:messages').challenges,
    ] as WWWAuthenticateChallenge[];
    expect(validateStatus(403, { challenges })).toMatchObject({ kind: 'insufficient_scope' });
  });

  it.each(['basic', 'digest', 'negotiate'])(
    'RC-09: an insufficient_scope of the scheme %s is about other credentials than ours',
    (scheme) => {
      const [{ parameters } = { parameters: {} }] = insufficientScope('write:messages').challenges;
      const challenges = [{ scheme, parameters }] as WWWAuthenticateChallenge[];
      expect(validateStatus(403, { challenges })).toEqual({ kind: 'access_denied' });
    },
  );
  const dpop = (error?: string) =>
    [{ scheme: 'dpop', parameters: error === undefined ? {} : { error } }] as WWWAuthenticateChallenge[];
  const bound = { ...rules, isBound: true };

  it.each([undefined, 'invalid_token'])(
    'CA-08: 401 whose only challenge is DPoP (%s) says that a bearer token will not do',
    (error) => {
      expect(validateStatus(401, { challenges: dpop(error) })).toEqual({ kind: 'dpop_required' });
      const more = [...dpop(error), { scheme: 'bearer', parameters: {} }] as WWWAuthenticateChallenge[];
      expect(validateStatus(401, { challenges: more }).kind).toBe('invalid_token');
    },
  );

  it.each(['use_dpop_nonce', 'invalid_dpop_proof'])(
    'CA-05: 401 with %s is not about the token, so that none is refreshed for it',
    (reason) => {
      const response = buildResponse(401, { challenges: dpop(reason) });
      expect(validateApiResponse(response, bound)).toEqual({ kind: 'unavailable', reason });
    },
  );

  it('CA-04: a bound token is rejected, and lacks a scope, by challenges of the scheme DPoP', () => {
    const response = buildResponse(401, { challenges: dpop('invalid_token') });
    const rejection = { apiTimeSec: null, error: 'invalid_token' };
    expect(validateApiResponse(response, bound)).toMatchObject({ kind: 'invalid_token', rejection });
    const [{ parameters } = { parameters: {} }] = insufficientScope('write:messages').challenges;
    const challenges = [{ scheme: 'DPoP', parameters }] as WWWAuthenticateChallenge[];
    const lacking = { kind: 'insufficient_scope', scope: 'write:messages' };
    expect(validateApiResponse(buildResponse(403, { challenges }), bound)).toEqual(lacking);
    expect(validateStatus(403, { challenges })).toEqual({ kind: 'access_denied' });
  });
});

describe('RC-06: a step-up for a better sign-in', () => {
  const stepUp = (parameters: Record<string, string>, isSatisfied = false) => {
    const challenges = [
      { scheme: 'bearer', parameters: { error: 'insufficient_user_authentication', ...parameters } },
    ] as WWWAuthenticateChallenge[];
    return validateApiResponse(buildResponse(401, { challenges }), {
      ...rules,
      isSatisfied: () => isSatisfied,
    });
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
