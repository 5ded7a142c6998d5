import { describe, expect, it } from 'vitest';
import { findUnmetRequirement, isRequirementMet, readRequirement } from './authentication-requirement';

const atSec = 1_800_000_000;
const strong = 'urn:example:strong';

describe('RC-06: what a challenge asks for', () => {
  it.each([
    [{ max_age: '300' }, { maxAgeSec: 300, acrValues: [] }],
    [{ max_age: '0' }, { maxAgeSec: 0, acrValues: [] }],
    [{ max_age: '31536000' }, { maxAgeSec: 31_536_000, acrValues: [] }],
    [{ acr_values: `${strong} 2` }, { maxAgeSec: null, acrValues: [strong, '2'] }],
    [{ acr_values: '  a   b ' }, { maxAgeSec: null, acrValues: ['a', 'b'] }],
    [{ acr_values: 'a'.repeat(120) }, { maxAgeSec: null, acrValues: ['a'.repeat(120)] }],
    [
      { max_age: '60', acr_values: strong },
      { maxAgeSec: 60, acrValues: [strong] },
    ],
    [
      { max_age: 'soon', acr_values: strong },
      { maxAgeSec: null, acrValues: [strong] },
    ],
  ])('RFC 9470 §3: %j is read', (parameters, requirement) => {
    expect(readRequirement(parameters)).toEqual(requirement);
  });

  it.each([
    [{}],
    [{ max_age: '', acr_values: '' }],
    [{ acr_values: '   ' }],
    [{ max_age: '-1' }],
    [{ max_age: '1.5' }],
    [{ max_age: '1e3' }],
    [{ max_age: ' 60' }],
    [{ max_age: '60\n' }],
    [{ max_age: '٣' }],
    [{ max_age: '31536001' }],
    [{ max_age: '9'.repeat(30) }],
    [{ max_age: 'Infinity' }],
    [{ acr_values: 'a'.repeat(121) }],
    [{ acr_values: `${'a'.repeat(60)} ${'b'.repeat(60)}` }],
    [{ acr_values: Array.from({ length: 11 }, (_, number) => `acr-${number}`).join(' ') }],
    [{ acr_values: 'a'.repeat(100_000) }],
    [{ acr_values: 'ž' }],
    [{ acr_values: 'a\tb' }],
    [{ acr_values: 'a\r\nset-cookie:x' }],
    [{ acr_values: 'a\u0000' }],
  ])('RC-06: %.60j asks for nothing that a sign-in can provide', (parameters) => {
    expect(readRequirement(parameters)).toBeNull();
  });

  it('RC-06: at most ten ways of signing in are read', () => {
    const acr_values = Array.from({ length: 10 }, (_, number) => `acr-${number}`).join(' ');
    expect(readRequirement({ acr_values })?.acrValues).toHaveLength(10);
  });
});

describe('AZ-11: the unmet requirement of a sign-in', () => {
  const unmetReason = (
    maxAgeSec: number | null,
    acrValues: string[],
    authTimeSec: number | null,
    acr: string | null,
  ) => findUnmetRequirement({ maxAgeSec, acrValues }, { authTimeSec, acr }, atSec);

  it.each([
    ['just now', 300, atSec, null],
    ['as old as it may be', 300, atSec - 300, null],
    ['older by the tolerance of a minute', 300, atSec - 360, null],
    ['older than that', 300, atSec - 361, 'auth_time_too_old'],
    ['of years ago', 300, 1, 'auth_time_too_old'],
    ['at any age where none is asked for', null, 1, null],
    ['at no known time', 300, null, 'auth_time_missing'],
    ['at no known time where none is asked for', null, null, null],
    ['ahead by the tolerance', 300, atSec + 60, null],
    ['further ahead', 300, atSec + 61, 'auth_time_ahead'],
    ['now where a fresh one is asked for', 0, atSec, null],
    ['a minute ago where a fresh one is asked for', 0, atSec - 60, null],
    ['earlier where a fresh one is asked for', 0, atSec - 61, 'auth_time_too_old'],
  ])('AZ-11: signed in %s (max_age %s)', (_when, maxAgeSec, authTimeSec, missing) => {
    expect(unmetReason(maxAgeSec, [], authTimeSec, null)).toBe(missing);
  });

  it.each([
    [[], null, null],
    [[], 'anything', null],
    [[strong], strong, null],
    [['1', strong], strong, null],
    [[strong], null, 'acr_not_as_asked'],
    [[strong], '', 'acr_not_as_asked'],
    [[strong], '1', 'acr_not_as_asked'],
    [[strong], strong.toUpperCase(), 'acr_not_as_asked'],
    [[strong], `${strong} 1`, 'acr_not_as_asked'],
  ])('AZ-11: of %j asked, %j is %s', (acrValues, acr, missing) => {
    expect(unmetReason(null, acrValues, null, acr)).toBe(missing);
  });

  it('AZ-11: age and strength are both checked', () => {
    expect(unmetReason(300, [strong], atSec, '1')).toBe('acr_not_as_asked');
    expect(unmetReason(300, [strong], atSec - 1_000, strong)).toBe('auth_time_too_old');
    expect(unmetReason(300, [strong], atSec, strong)).toBeNull();
  });
});

describe('RC-06: whether signing in once more would change nothing', () => {
  it.each([
    ['half as old as it may be', 300, 150, true],
    ['older than half', 300, 151, false],
    ['of unknown age', 300, null, false],
    ['of any age where none is asked for', null, 999_999, true],
    ['of now where a fresh one is asked for', 0, 0, true],
    ['of a second ago where a fresh one is asked for', 0, 1, false],
  ])('RC-06: a sign-in %s (max_age %s): %s', (_when, maxAgeSec, ageSec, isMet) => {
    const authTimeSec = ageSec === null ? null : atSec - ageSec;
    expect(isRequirementMet({ maxAgeSec, acrValues: [] }, { authTimeSec, acr: null }, atSec)).toBe(isMet);
  });

  it('RC-06: a sign-in of the wrong strength does not meet the requirement, however fresh', () => {
    const fresh = { authTimeSec: atSec, acr: '1' };
    expect(isRequirementMet({ maxAgeSec: 300, acrValues: [strong] }, fresh, atSec)).toBe(false);
    expect(isRequirementMet({ maxAgeSec: 300, acrValues: [strong] }, { ...fresh, acr: strong }, atSec)).toBe(
      true,
    );
  });
});
