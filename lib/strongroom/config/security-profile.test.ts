import { describe, expect, it } from 'vitest';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';

const withKey = (alg = 'ES256', changes = {}) => ({
  AUTH_CLIENT_KEYS: writeKeySet(createClientKey(alg, changes)),
});
type Changes = Readonly<Record<string, string>>;
const parse = (changes: Changes) => parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
const configOf = (changes: Changes) => {
  const parsed = parse(changes);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
};

describe('SECURITY_PROFILE', () => {
  it.each([
    ['auto', {}, 'when-offered', 'auto'],
    ['auto', { AUTH_PAR: 'when-required', AUTH_DPOP: 'never' }, 'when-required', 'never'],
    ['oidc', {}, 'when-required', 'never'],
    ['oidc', { AUTH_PAR: 'always', AUTH_DPOP: 'always' }, 'always', 'always'],
    ['fapi2', withKey(), 'always', 'always'],
  ])('of %s with %o pushes %s and binds tokens %s', (SECURITY_PROFILE, changes, pushedRequests, dpop) => {
    expect(configOf({ ...changes, SECURITY_PROFILE })).toMatchObject({ pushedRequests, dpop });
  });

  it('of fapi2 leaves a key that can do both only what FAPI 2.0 allows', () => {
    const key = withKey('RS256', { alg: undefined });
    const algorithmsOf = (SECURITY_PROFILE: string) =>
      configOf({ ...key, SECURITY_PROFILE }).clientKeys.flatMap(({ algorithms }) => algorithms);
    expect(algorithmsOf('auto')).toContain('RS256');
    expect(algorithmsOf('fapi2')).toEqual(['PS256']);
  });

  it.each<[what: string, Changes, variable: string, problem: RegExp]>([
    ['an unknown profile', { SECURITY_PROFILE: 'strict' }, 'SECURITY_PROFILE', /auto, oidc or fapi2/],
    ['a client secret alone', {}, 'AUTH_CLIENT_KEYS', /npm run keys/],
    [
      'a client secret by choice',
      { AUTH_CLIENT_AUTH: 'client_secret_post' },
      'AUTH_CLIENT_AUTH',
      /no client secret/,
    ],
    ['no credentials', { ...withKey(), AUTH_CLIENT_AUTH: 'none' }, 'AUTH_CLIENT_AUTH', /private_key_jwt/],
    ['a key for RS256', withKey('RS256'), 'AUTH_CLIENT_KEYS', /PS256, ES256 or EdDSA/],
    ['a key for ES384', withKey('ES384'), 'AUTH_CLIENT_KEYS', /PS256, ES256 or EdDSA/],
    ['requests in the address', { ...withKey(), AUTH_PAR: 'when-required' }, 'AUTH_PAR', /pushed/],
    ['bearer tokens', { ...withKey(), AUTH_DPOP: 'never' }, 'AUTH_DPOP', /bound/],
    ['ID tokens with RS256', { ...withKey(), AUTH_SIGNING_ALG: 'RS256' }, 'AUTH_SIGNING_ALG', /PS256/],
    [
      'an inner address by http',
      { ...withKey(), AUTH_ISSUER_INTERNAL_URL: 'http://idp.internal' },
      'AUTH_ISSUER_INTERNAL_URL',
      /https/,
    ],
    ['an API by http', { ...withKey(), API_OVER_HTTP: 'private-network' }, 'API_OVER_HTTP', /https/],
    [
      'endpoints in place of metadata',
      {
        ...withKey(),
        AUTH_AUTHORIZATION_ENDPOINT: 'https://idp.example/a',
        AUTH_TOKEN_ENDPOINT: 'https://idp.example/t',
        AUTH_JWKS_URI: 'https://idp.example/k',
      },
      'AUTH_AUTHORIZATION_ENDPOINT',
      /metadata/,
    ],
  ])('of fapi2 does not start with %s, and names %s', (_, changes, variable, problem) => {
    const parsed = parse({ SECURITY_PROFILE: 'fapi2', ...changes });
    expect(parsed).toEqual({ kind: 'problems', problems: [{ variable, problem: expect.any(String) }] });
    expect(parsed.kind === 'problems' && parsed.problems[0]?.problem).toMatch(problem);
    const { SECURITY_PROFILE: _profile, ...rest } = changes;
    expect(parse(rest).kind).toBe('ok');
  });

  it('of fapi2 says everything that is missing at once', () => {
    const parsed = parse({ SECURITY_PROFILE: 'fapi2', AUTH_DPOP: 'never', AUTH_SIGNING_ALG: 'RS512' });
    const named = parsed.kind === 'problems' ? parsed.problems.map(({ variable }) => variable) : [];
    expect(named).toEqual(['AUTH_CLIENT_KEYS', 'AUTH_DPOP', 'AUTH_SIGNING_ALG']);
  });

  it.each(['PS256', 'ES256', 'EdDSA'])('of fapi2 starts with a key for %s', (alg) => {
    expect(configOf({ ...withKey(alg), SECURITY_PROFILE: 'fapi2', AUTH_SIGNING_ALG: alg })).toMatchObject({
      securityProfile: 'fapi2',
    });
  });

  it('of fapi2 starts with a token of the platform', () => {
    const changes = { AUTH_CLIENT_ASSERTION_FILE: '/var/run/secrets/token', SECURITY_PROFILE: 'fapi2' };
    expect(configOf(changes)).toMatchObject({ securityProfile: 'fapi2' });
  });
});
