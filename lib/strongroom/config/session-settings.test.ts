/** The variables about sessions, the store and logout: what they mean, and what is rejected. */
import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';

type Changes = Record<string, string | undefined>;

function configOf(changes: Changes = {}) {
  const parsed = parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

describe('settings of sessions, store and logout', () => {
  it('OP-01: have their fallbacks', () => {
    expect(configOf()).toMatchObject({
      sessionIdleSec: 24 * 3600,
      endsWithBrowser: false,
      cookieName: 'strongroom',
      sessionsNotBeforeMs: null,
      redisUrl: null,
      revocationCheck: 'open',
      isBackchannelLogoutOn: false,
      signingAlgorithm: null,
    });
  });

  it.each([
    ['5', 300],
    ['1440', 86_400],
    ['43200', 2_592_000],
  ])('SE-02: an idle time of %s minutes is %d seconds', (minutes, seconds) => {
    expect(configOf({ SESSION_IDLE_MINUTES: minutes }).sessionIdleSec).toBe(seconds);
  });

  it.each([
    ['https://app.example', 'auto', 'strongroom'],
    ['https://app.example:8443', 'auto', 'strongroom_8443'],
    ['http://localhost:3000', 'auto', 'strongroom_3000'],
    ['http://localhost', undefined, 'strongroom'],
    ['http://localhost:3000', 'crm', 'crm'],
  ])('CK-01: the cookies of %s with COOKIE_NAME=%s begin with %s', (address, choice, name) => {
    expect(configOf({ AUTH_URL: address, COOKIE_NAME: choice }).cookieName).toBe(name);
  });

  it.each([
    ['2026-03-12T14:05:00Z', Date.UTC(2026, 2, 12, 14, 5)],
    ['2026-03-12T14:05:00.250Z', Date.UTC(2026, 2, 12, 14, 5, 0, 250)],
    ['2026-03-12T14:05:00+02:00', Date.UTC(2026, 2, 12, 12, 5)],
  ])('SE-13: sessions that began before %s are rejected', (instant, ms) => {
    expect(configOf({ SESSIONS_NOT_BEFORE: instant }).sessionsNotBeforeMs).toBe(ms);
  });

  it.each([
    'redis://cache:6379',
    'rediss://user:password@cache.example:6380/1',
    'redis://127.0.0.1',
    'redis://[::1]:6379/0',
    'redis-sentinel://s1:26379,s2,s3:26380/mymaster',
    'rediss-sentinel://user:pass%40word@s1/mymaster/2?sentinel_user=me&sentinel_password=pass%26word',
    'redis-cluster://n1:6379,n2:6379,n3:6379',
    'rediss-cluster://:password@n1,[::1]:6380/',
  ])('OP-01: %s is the address of a Redis', (address) => {
    expect(configOf({ REDIS_URL: address }).redisUrl).toBe(address);
  });

  it('SE-15: REVOCATION_CHECK is open or closed', () => {
    expect(configOf({ REVOCATION_CHECK: 'open' }).revocationCheck).toBe('open');
    expect(configOf({ REVOCATION_CHECK: 'closed' }).revocationCheck).toBe('closed');
  });

  it.each([
    [undefined, undefined, false],
    [undefined, 'redis://cache:6379', true],
    ['with-redis', undefined, false],
    ['with-redis', 'redis://cache:6379', true],
    ['single-instance', undefined, true],
    ['single-instance', 'redis://cache:6379', true],
    ['off', undefined, false],
    ['off', 'redis://cache:6379', false],
  ])('BL-08: back-channel logout %s with Redis at %s is on: %s', (choice, redisUrl, isOn) => {
    const config = configOf({ AUTH_BACKCHANNEL_LOGOUT: choice, REDIS_URL: redisUrl });
    expect(config.isBackchannelLogoutOn).toBe(isOn);
  });

  it.each([
    ['any', null],
    ['RS256', 'RS256'],
    ['PS256', 'PS256'],
    ['ES256', 'ES256'],
    ['EdDSA', 'EdDSA'],
  ])('BL-02, ID-02: AUTH_SIGNING_ALG=%s accepts %s', (choice, algorithm) => {
    expect(configOf({ AUTH_SIGNING_ALG: choice }).signingAlgorithm).toBe(algorithm);
  });
});

const broken: [variable: string, value: string, mend: RegExp][] = [
  ['SESSION_IDLE_MINUTES', '4', /at least 5/],
  ['SESSION_IDLE_MINUTES', '0', /at least 5/],
  ['SESSION_IDLE_MINUTES', '43201', /at most 43200/],
  ['SESSION_IDLE_MINUTES', '7.5', /whole number/],
  ['SESSION_IDLE_MINUTES', 'never', /number of minutes/],
  ['SESSION_ENDS_WITH_BROWSER', 'true', /no or yes/],
  ['COOKIE_NAME', '__Host-mine', /letters, digits and hyphens/],
  ['COOKIE_NAME', 'a;b', /letters, digits and hyphens/],
  ['SESSIONS_NOT_BEFORE', '2026-03-12', /instant with its zone/],
  ['SESSIONS_NOT_BEFORE', '2026-03-12T14:05:00', /instant with its zone/],
  ['SESSIONS_NOT_BEFORE', '12 March 2026', /instant with its zone/],
  ['SESSIONS_NOT_BEFORE', '1773316800', /instant with its zone/],
  ['SESSIONS_NOT_BEFORE', '2026-13-41T99:99:99Z', /instant with its zone/],
  ['REDIS_URL', 'cache:6379', /redis:\/\/host:6379/],
  ['REDIS_URL', 'http://cache:6379', /redis:\/\/host:6379/],
  ['REDIS_URL', 'redis://', /redis:\/\/host:6379/],
  ['REDIS_URL', 'redis://a:6379,b:6379', /names several hosts; write redis-sentinel:.*redis-cluster:/],
  ['REDIS_URL', 'redis+sentinel://a/mymaster', /redis:\/\/host:6379/],
  ['REDIS_URL', 'redis-sentinel://a:26379', /must end with the name/],
  ['REDIS_URL', 'redis-sentinel://a:26379/mymaster/x', /must end with the name/],
  ['REDIS_URL', 'redis-sentinel://a:26379,,b/mymaster', /write it as redis-sentinel:/],
  ['REDIS_URL', 'redis-sentinel://a/mymaster?password=x', /sentinel_user and sentinel_password/],
  ['REDIS_URL', 'redis-cluster://a:6379/1', /no numbered databases/],
  ['REDIS_URL', 'redis-cluster://a:99999', /write it as redis-cluster:/],
  ['REDIS_URL', 'redis-cluster://', /write it as redis-cluster:/],
  ['REDIS_URL', 'redis-cluster://u:100%@a', /%25/],
  ['REVOCATION_CHECK', 'OPEN', /open or closed/],
  ['REVOCATION_CHECK', 'false', /open or closed/],
  ['AUTH_BACKCHANNEL_LOGOUT', 'on', /with-redis, single-instance or off/],
  ['AUTH_SIGNING_ALG', 'none', /must be any, or one of RS256, .*EdDSA/],
  ['AUTH_SIGNING_ALG', 'HS256', /must be any, or one of RS256, .*EdDSA/],
  ['AUTH_SIGNING_ALG', 'rs256', /must be any, or one of RS256, .*EdDSA/],
];

describe('invalid settings of sessions, store and logout', () => {
  it.each(broken)(
    'OP-01: %s=%s stops the start with a sentence that says what to fix: %s',
    (variable, value, mend) => {
      const parsed = parseConfig({ ...goodEnvironment, [variable]: value }, testDeclaration);
      const problems = parsed.kind === 'problems' ? parsed.problems : [];
      expect(problems.map((problem) => problem.variable)).toEqual([variable]);
      expect(problems[0]?.problem).toMatch(mend);
    },
  );

  it('LK-03: no problem repeats the password of a Redis', () => {
    const parsed = parseConfig(
      { ...goodEnvironment, REDIS_URL: 'http://user:canary-77@cache:6379' },
      testDeclaration,
    );
    expect(JSON.stringify(parsed)).toContain('REDIS_URL');
    expect(JSON.stringify(parsed.kind === 'problems' && parsed.problems)).not.toContain('canary');
  });
});
