import { expect, test } from 'vitest';
import { listResources } from './authorization-server/resource.ts';
import { readSampleSettings } from './settings.ts';

test('the demo works without any setting', () => {
  expect(readSampleSettings({})).toMatchObject({
    freshSignInSec: 300,
    requiredAcr: null,
    extraAccounts: 0,
    accessTokenPadding: 0,
    rotatesRefreshTokens: true,
    passwordCost: 32_768,
  });
});

test('an empty setting counts as none', () => {
  const names = ['FRESH_SIGN_IN_SEC', 'REQUIRED_ACR', 'EXTRA_ACCOUNTS', 'ROTATE_REFRESH_TOKENS'];
  const env = Object.fromEntries(names.map((name) => [`SAMPLE_${name}`, '']));
  expect(readSampleSettings(env)).toEqual(readSampleSettings({}));
});

test('settings are read', () => {
  const settings = readSampleSettings({
    SAMPLE_FRESH_SIGN_IN_SEC: '20',
    SAMPLE_REQUIRED_ACR: 'urn:demo:key',
    SAMPLE_EXTRA_ACCOUNTS: '200',
    SAMPLE_ACCESS_TOKEN_PADDING: '48000',
    SAMPLE_ROTATE_REFRESH_TOKENS: 'no',
    SAMPLE_PASSWORD_COST: '1024',
  });
  expect(settings).toMatchObject({
    freshSignInSec: 20,
    requiredAcr: 'urn:demo:key',
    extraAccounts: 200,
    accessTokenPadding: 48_000,
    rotatesRefreshTokens: false,
    passwordCost: 1_024,
  });
});

test.each([
  ['SAMPLE_FRESH_SIGN_IN_SEC', '0'],
  ['SAMPLE_FRESH_SIGN_IN_SEC', '1.5'],
  ['SAMPLE_REQUIRED_ACR', 'two words'],
  ['SAMPLE_REQUIRED_ACR', 'a"b'],
  ['SAMPLE_REQUIRED_ACR', 'a\r\nb'],
  ['SAMPLE_EXTRA_ACCOUNTS', '201'],
  ['SAMPLE_EXTRA_ACCOUNTS', '-1'],
  ['SAMPLE_EXTRA_ACCOUNTS', 'many'],
  ['SAMPLE_ACCESS_TOKEN_PADDING', '48001'],
  ['SAMPLE_ROTATE_REFRESH_TOKENS', 'false'],
])('%s=%j is rejected by name', (name, value) => {
  expect(() => readSampleSettings({ [name]: value })).toThrow(name);
});

test('servers of a developer: the API takes tokens of another issuer, and both know the audience that was chosen', () => {
  const env = { SAMPLE_ISSUER: 'https://login.example', SAMPLE_API_AUDIENCE: 'urn:ledger' };
  const settings = readSampleSettings(env);
  expect([settings.issuer, settings.apiAudience]).toEqual(['https://login.example', 'urn:ledger']);
  expect([...listResources(settings).keys()]).toEqual(['urn:ledger', 'http://127.0.0.1:4002']);
  const calendars = readSampleSettings({ SAMPLE_CALENDAR_AUDIENCE: 'urn:calendar' });
  expect([...listResources(calendars).keys()]).toEqual(['http://127.0.0.1:4001', 'urn:calendar']);
});
