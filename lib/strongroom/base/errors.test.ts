import { describe, expect, it } from 'vitest';
import { AppError, findAppError, isErrorCode, statusOfError } from './errors';
import { describeCauses } from './log';

const known = new AppError('temporarily_unavailable', { reason: 'timeout' });

function wrap(error: unknown, links: number): unknown {
  let link = error;
  for (let count = 0; count < links; count += 1) link = new Error('wrapped', { cause: link });
  return link;
}

describe('the AppError inside an error', () => {
  it('is found when it is the error itself', () => {
    expect(findAppError(known)).toBe(known);
  });

  it('is found along the chain of causes', () => {
    expect(findAppError(wrap(known, 5))).toBe(known);
  });

  it('is found where next-auth wraps the cause as { err }', () => {
    expect(findAppError(new Error('CallbackRouteError', { cause: { err: wrap(known, 1) } }))).toBe(known);
  });

  it('SE-15: is found when another bundle of the same process threw it: by its fields, not by its class', () => {
    const fields = { name: 'AppError', code: 'store_unavailable', reason: 'store_timeout', status: 503 };
    const fromOtherBundle = Object.assign(new Error('store_unavailable'), fields);
    expect(findAppError(wrap(fromOtherBundle, 2))).toBe(fromOtherBundle);
    expect(findAppError(Object.assign(new Error('x'), { ...fields, code: 'ECONNRESET' }))).toBeNull();
  });

  it('is not looked for deeper than eight links', () => {
    expect(findAppError(wrap(known, 7))).toBe(known);
    expect(findAppError(wrap(known, 8))).toBeNull();
  });

  it('is not found in a chain of causes that goes in a circle', () => {
    const error = new Error('circle');
    error.cause = error;
    expect(findAppError(error)).toBeNull();
  });

  it.each([[null], [undefined], ['text'], [{ code: 'access_denied' }], [{ cause: known }]])(
    'is not found in %j, which is no error',
    (value) => {
      expect(findAppError(value)).toBeNull();
    },
  );
});

describe('an AppError', () => {
  it('has the status of its code, and the code as its reason when none is given', () => {
    const error = new AppError('access_denied');
    expect([error.status, error.reason, error.message]).toEqual([403, 'access_denied', 'access_denied']);
    expect(statusOfError('transaction_expired')).toBe(400);
  });

  it('is made from any error: the one inside it, or internal_error with the cause', () => {
    expect(AppError.from(wrap(known, 2))).toBe(known);
    const cause = new TypeError('x');
    expect(AppError.from(cause)).toMatchObject({ code: 'internal_error', reason: 'internal_error', cause });
    expect(AppError.from('text')).toMatchObject({ code: 'internal_error', cause: 'text' });
  });

  it.each([['constructor'], ['__proto__'], ['toString'], ['ACCESS_DENIED'], [null], [7]])(
    '%j is no error code',
    (value) => {
      expect(isErrorCode(value)).toBe(false);
    },
  );
});

describe('causes in the log', () => {
  it('LK-03: are classes and codes, and never a message from outside', () => {
    const outside = Object.assign(new TypeError('https://as.example?code=secret'), { code: 'ECONNRESET' });
    const text = describeCauses(
      new AppError('temporarily_unavailable', { reason: 'network', cause: outside }),
    );
    expect(text).toBe('AppError(temporarily_unavailable: network) < TypeError(ECONNRESET)');
  });

  it('LK-03: name no class whose name a build shortened', () => {
    class b extends Error {
      override name = 'b';
    }
    const cause = Object.assign(new b('x'), { code: 'OAUTH_INVALID_RESPONSE' });
    const error = Object.assign(new b('y', { cause: { err: cause } }), { type: 'CallbackRouteError' });
    expect(describeCauses(error)).toBe('CallbackRouteError < Error(OAUTH_INVALID_RESPONSE)');
  });

  it('LK-03: leave out a code that is no plain word', () => {
    expect(describeCauses(Object.assign(new Error('x'), { code: 'a\nforged line' }))).toBe('Error');
    expect(describeCauses('thrown text')).toBe('string');
  });
});
