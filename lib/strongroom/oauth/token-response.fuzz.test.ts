/**
 * Arbitrary responses of a token endpoint give sound tokens or an AppError, and no other outcome. TK-02,
 * TK-09 to TK-16
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../base/errors';
import { budget } from '../testing/fuzz-budget';
import { readLifetime, type TokenResult, validateTokenResponse } from './token-response';

const jsonType = 'application/json';
const weekSec = 7 * 24 * 3600;
const good = {
  ...{ access_token: 'access-1', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-1' },
  ...{ id_token: 'a.b.c', scope: 'openid read:contacts' },
};

/** The tokens, or the error. Any other exception fails the test. */
function validate(text: string, status = 200, contentType: string | null = jsonType): TokenResult | AppError {
  try {
    return validateTokenResponse({ status, contentType, text });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function expectSound(result: TokenResult | AppError): void {
  if (result instanceof AppError) return void expect(result.reason).toMatch(/^[\w:]{1,60}$/);
  expect(() => new Headers({ authorization: `Bearer ${result.accessToken}` })).not.toThrow();
  expect(result.accessToken).toMatch(/^[\x21-\x7e]{1,64000}$/);
  expect(Number.isSafeInteger(result.lifetimeSec)).toBe(true);
  expect(result.lifetimeSec).toBeGreaterThanOrEqual(1);
  expect(result.lifetimeSec).toBeLessThanOrEqual(weekSec);
  expect(result.refreshToken === null || /^[\x20-\x7e]{1,64000}$/.test(result.refreshToken)).toBe(true);
  expect(result.idToken === null || /^[\x20-\x7e]{1,100000}$/.test(result.idToken)).toBe(true);
  const end = result.refreshLifetimeSec;
  expect(end === null || (Number.isSafeInteger(end) && end >= 1)).toBe(true);
  expect(result.scopes === null || result.scopes.every((scope) => /^[^ ]+$/.test(scope))).toBe(true);
}

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constantFrom<unknown>(
    ...[
      null,
      true,
      0,
      -1,
      1e300,
      2 ** 31,
      2 ** 53,
      0.1,
      '3600',
      '3600abc',
      '',
      ' ',
      'Bearer',
      'DPoP',
      'mac',
      'N_A',
    ],
    ...['a b', 'a\r\nX: y', '\u0000', 'ž', 'a'.repeat(64_001), [], {}, [['Bearer']], { toString: 'x' }],
  ),
);
const member = fc.constantFrom(
  ...Object.keys(good),
  ...[
    'refresh_expires_in',
    'refresh_token_expires_in',
    'error',
    '__proto__',
    'constructor',
    'toString',
    'toJSON',
  ],
);
const changed = fc.array(fc.tuple(member, strange), { maxLength: 5 }).map((changes) => {
  // As text, so that __proto__ is a member like every other.
  const members = [...Object.entries(good), ...changes].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`,
  );
  return `{${members.join(',')}}`;
});
const text = JSON.stringify(good);
const changedText = fc
  .tuple(
    fc.nat(text.length),
    fc.nat(6),
    fc.oneof(
      fc.string({ maxLength: 4, unit: 'binary' }),
      fc.constantFrom('"', '{', '[', ',', '\\u0000', '\ufeff'),
    ),
  )
  .map(([at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone));

describe('arbitrary responses of a token endpoint', () => {
  it('TK-09, TK-10, TK-11, TK-13, TK-14: with any members of any type give valid tokens or an error with a code', () => {
    let [taken, rejected] = [0, 0];
    fc.assert(
      fc.property(changed, (body) => {
        const result = validate(body);
        expectSound(result);
        if (result instanceof AppError) rejected += 1;
        else {
          taken += 1;
          // Of two members with one name the last counts, as JSON.parse reads them.
          expect(result.accessToken).toBe((JSON.parse(body) as Record<string, unknown>).access_token);
        }
      }),
      budget(3_000),
    );
    expect(Math.min(taken, rejected)).toBeGreaterThan(100);
  });

  it('TK-02, TK-15: changed anywhere in their text, with any status and type, neither crash the reader nor reach a prototype', () => {
    const status = fc.oneof({ weight: 4, arbitrary: fc.constant(200) }, fc.integer({ min: 200, max: 599 }));
    const type = fc.constantFrom(
      jsonType,
      jsonType,
      'application/x+json;charset=utf-16',
      'text/html',
      '',
      null,
    );
    fc.assert(
      fc.property(fc.oneof(changedText, fc.json(), fc.string()), status, type, (body, code, contentType) => {
        const result = validate(body, code, contentType);
        expectSound(result);
        if (code !== 200 || contentType === null || !contentType.includes('json'))
          expect(result).toBeInstanceOf(AppError);
      }),
      budget(3_000),
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>).access_token).toBeUndefined();
  });

  it('TK-11: any expires_in is a lifetime between a second and a week, and a sane one is kept', () => {
    fc.assert(
      fc.property(fc.oneof(strange, fc.integer({ min: 1, max: weekSec })), (value) => {
        const seconds = readLifetime(value);
        expect(Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= weekSec).toBe(true);
        if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= weekSec)
          expect(seconds).toBe(value);
      }),
      budget(2_000),
    );
  });

  it.each(['access_token', 'expires_in', 'scope', 'extra', '__proto__'])(
    'TK-15: ten thousand levels in %s do not overflow the stack',
    (name) => {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const deep = `${open.repeat(10_000)}1${close.repeat(10_000)}`;
        expectSound(validate(`{${JSON.stringify(good).slice(1, -1)},"${name}":${deep}}`));
        expectSound(validate(deep));
      }
    },
  );
});
