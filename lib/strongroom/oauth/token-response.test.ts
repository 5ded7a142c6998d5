import { describe, expect, it } from 'vitest';
import { appErrorThrownBy } from '../testing/expect-app-error';
import { assumedLifetimeSec, endOfRefreshToken, readLifetime, validateTokenResponse } from './token-response';

const good = {
  access_token: 'access-1',
  token_type: 'Bearer',
  expires_in: 300,
  refresh_token: 'refresh-1',
  id_token: 'a.b.c',
  scope: 'openid read:contacts',
};
const jsonType = 'application/json; charset=utf-8';
const readJson = (text: string) => validateTokenResponse({ status: 200, contentType: jsonType, text });
const validate = (changes: Record<string, unknown> = {}) => readJson(JSON.stringify({ ...good, ...changes }));

describe('a token response', () => {
  it('is read into our own names', () => {
    expect(validate()).toEqual({
      accessToken: 'access-1',
      lifetimeSec: 300,
      refreshLifetimeSec: null,
      refreshToken: 'refresh-1',
      idToken: 'a.b.c',
      scopes: ['openid', 'read:contacts'],
    });
  });

  it.each([
    [{ refresh_expires_in: 1_800 }, 1_800],
    [{ refresh_token_expires_in: '1800' }, 1_800],
    [{ refresh_expires_in: 0 }, null],
    [{ refresh_expires_in: -5 }, null],
    [{ refresh_expires_in: 1e300 }, null],
    [{ refresh_expires_in: 'soon' }, null],
    [{}, null],
  ])('RF-16: the lifetime of the refresh token in %j is %j seconds', (more, lifetimeSec) => {
    const result = readJson(JSON.stringify({ ...good, ...more }));
    expect(result.refreshLifetimeSec).toBe(lifetimeSec);
    expect(endOfRefreshToken(result, 100)).toBe(lifetimeSec === null ? null : 100 + lifetimeSec);
  });

  it.each([
    ['<html>', 'text/html'],
    [JSON.stringify(good), 'text/html'],
    [JSON.stringify(good), 'text/plain'],
    [JSON.stringify(good), null],
    [JSON.stringify(good), 'application/jsonp'],
    ['', jsonType],
    ['{', jsonType],
    [JSON.stringify([good]), jsonType],
    ['null', jsonType],
    ['"text"', jsonType],
    ['7', jsonType],
    [`\ufeff\ufeff${JSON.stringify(good)}`, jsonType],
    [Buffer.from(JSON.stringify(good), 'utf16le').toString('latin1'), jsonType],
  ])('TK-02: %.20j as %s is rejected', (text, contentType) => {
    const error = appErrorThrownBy(() => validateTokenResponse({ status: 200, contentType, text }));
    expect([error.code, error.reason]).toEqual(['invalid_response', 'token_response_not_json']);
  });

  it.each([201, 204, 206, 400])('RFC 6749 §5.1: tokens that come with status %i are rejected', (status) => {
    expect(
      appErrorThrownBy(() =>
        validateTokenResponse({ status, contentType: jsonType, text: JSON.stringify(good) }),
      ).code,
    ).toBe('invalid_response');
  });

  it.each(['Bearer', 'bearer', 'bEARER', 'BEARER'])('TK-09: the token type %s is accepted', (type) => {
    expect(validate({ token_type: type }).accessToken).toBe('access-1');
  });

  it.each([[undefined], [null], [''], ['mac'], ['N_A'], ['DPoP'], [7], [['Bearer']], ['Bearer ']])(
    'TK-09: the token type %j is rejected',
    (type) => {
      expect(appErrorThrownBy(() => validate({ token_type: type })).reason).toBe('token_type');
    },
  );

  it.each([
    [undefined],
    [null],
    [''],
    [7],
    [{}],
    [['a']],
    ['a b'],
    ['a\r\nX: y'],
    ['žeton'],
    ['\u0000'],
    ['a'.repeat(100_000)],
  ])('TK-10: the access token %.20j is rejected', (token) => {
    expect(appErrorThrownBy(() => validate({ access_token: token })).reason).toBe('access_token');
  });

  it('TK-10: an access token of visible characters makes a valid header', () => {
    const { accessToken } = validate({ access_token: "a-._~+/=!#$%&'*^`|" });
    expect(() => new Headers({ authorization: `Bearer ${accessToken}` })).not.toThrow();
  });

  it.each([
    [undefined, assumedLifetimeSec],
    [null, assumedLifetimeSec],
    [3600, 3600],
    ['3600', 3600],
    [59.9, 59],
    [0, assumedLifetimeSec],
    ['0', assumedLifetimeSec],
    [-1, assumedLifetimeSec],
    ['abc', assumedLifetimeSec],
    ['3600abc', assumedLifetimeSec],
    ['', assumedLifetimeSec],
    [true, assumedLifetimeSec],
    [[3600], assumedLifetimeSec],
    [Number.NaN, assumedLifetimeSec],
    [Number.POSITIVE_INFINITY, assumedLifetimeSec],
    [2 ** 31, 7 * 24 * 3600],
    [1e300, 7 * 24 * 3600],
    ['9999999999', 7 * 24 * 3600],
  ])(
    'TK-11: expires_in %j means %i seconds: always a lifetime, and never an endless one',
    (value, seconds) => {
      expect(readLifetime(value)).toBe(seconds);
    },
  );

  it.each([[undefined], [null], ['']])(
    'TK-12, TK-14: without ID token (%j) and refresh token both are null',
    (value) => {
      expect(validate({ id_token: value, refresh_token: value })).toMatchObject({
        idToken: null,
        refreshToken: null,
      });
    },
  );

  it.each([[7], [{}], [['a']], ['a\nb'], ['ž'], ['a'.repeat(100_001)]])(
    'TK-12, TK-14: a refresh token or ID token like %.20j is rejected',
    (value) => {
      expect(appErrorThrownBy(() => validate({ refresh_token: value })).reason).toBe('refresh_token');
      expect(appErrorThrownBy(() => validate({ id_token: value })).reason).toBe('id_token');
    },
  );

  it('ID-13: an ID token may be longer than a token for the API', () => {
    const long = 'a'.repeat(80_000);
    expect(validate({ id_token: long }).idToken).toBe(long);
    expect(appErrorThrownBy(() => validate({ refresh_token: long })).reason).toBe('refresh_token');
  });

  it('TK-13: scope is a list, absent is null, and anything but text is rejected', () => {
    expect(validate({ scope: 'a  b a ' }).scopes).toEqual(['a', 'b']);
    expect(validate({ scope: '' }).scopes).toEqual([]);
    expect(validate({ scope: undefined }).scopes).toBeNull();
    for (const scope of [7, ['openid'], {}, 'a'.repeat(4_001)])
      expect(appErrorThrownBy(() => validate({ scope })).reason).toBe('scope');
  });

  it('TK-13: scopes may be separated by commas, and may have one', () => {
    expect(validate({ scope: 'repo,gist read:user' }).scopes).toEqual(
      expect.arrayContaining(['repo', 'gist', 'read:user', 'repo,gist']),
    );
  });

  it('TK-15: odd JSON does not reach a prototype and does not crash the reader', () => {
    const text = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify(good).slice(1)}`;
    expect(readJson(text).accessToken).toBe('access-1');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const inherited = '{"__proto__":{"access_token":"a","token_type":"Bearer"}}';
    expect(appErrorThrownBy(() => readJson(inherited)).code).toBe('invalid_response');
    const deep = `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)},${JSON.stringify(good).slice(1)}`;
    expect(readJson(deep).accessToken).toBe('access-1');
  });

  it('TK-16: unknown members and a +json type are accepted', () => {
    const text = JSON.stringify({ ...good, more: { a: 1 } });
    expect(
      validateTokenResponse({ status: 200, contentType: 'application/token+json', text }).accessToken,
    ).toBe('access-1');
  });
});
