import { describe, expect, it } from 'vitest';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { chooseAuthentication } from './client-authentication';
import { parseConfig } from './parse-config';
import { type ProviderName, presetOf, providerNames } from './provider-presets';
import { listStandIns } from './read-variables';
import { parseUserClaims } from './user-claims';

type Changes = Record<string, string | undefined>;

const tenant = '11111111-2222-3333-4444-555555555555';
const issuers: Record<ProviderName, string> = {
  auth0: 'https://tenant.eu.auth0.com/',
  keycloak: 'https://sso.example.com/realms/main',
  'entra-id': `https://login.microsoftonline.com/${tenant}/v2.0`,
  okta: 'https://org.okta.com/oauth2/default',
  google: 'https://accounts.google.com',
  cognito: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab3dE5f7G',
  'github-like': 'https://github.com',
  oidc: 'https://issuer.example',
};

const parse = (changes: Changes) => parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
function configOf(changes: Changes) {
  const parsed = parse(changes);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}
const problemsOf = (changes: Changes) => {
  const parsed = parse(changes);
  return parsed.kind === 'problems' ? parsed.problems : [];
};
const at = (name: ProviderName, changes: Changes = {}) => ({
  AUTH_PROVIDER: name,
  AUTH_ISSUER: issuers[name],
  ...changes,
});

describe.each(providerNames)('the preset %s', (name) => {
  it.each([
    ['keys', { AUTH_CLIENT_KEYS: writeKeySet(createClientKey()) }, 'private_key_jwt'],
    ['a token of the platform', { AUTH_CLIENT_ASSERTION_FILE: '/var/run/token' }, 'assertion_file'],
  ])('says nothing of how a client with %s authenticates', (_what, credentials, way) => {
    const config = configOf(at(name, { AUTH_CLIENT_SECRET: '', ...credentials }));
    expect(chooseAuthentication(config)).toBe(way);
  });

  it('needs nothing but issuer, client, secret and addresses', () => {
    expect(configOf(at(name)).provider.name).toBe(name);
    expect(issuers[name]).toMatch(presetOf(name).issuer.shape);
  });

  it('gives way to each variable that is set, and to the word none', () => {
    const { provider } = configOf(at(name));
    const { standIns } = configOf(at(name, { AUTH_SCOPES: 'openid a' })).provider;
    expect(Object.keys(standIns)).toEqual(Object.keys(provider.variables));
    for (const [variable, value] of Object.entries(standIns))
      expect(configOf(at(name, { [variable]: value })).provider.standIns).not.toHaveProperty(variable);
    expect(configOf(at(name, { AUTH_LINK_PARAMS: 'none' })).linkParameters).toEqual([]);
    expect(configOf(at(name, { AUTH_AUTHORIZATION_PARAMS: 'none' })).authorizationParameters).toEqual({});
  });
});

describe('what the presets stand in with', () => {
  it('AZ-10: is the parameter that each server takes the API by', () => {
    const taken = providerNames.map((name) => [name, configOf(at(name)).audienceAs]);
    expect(Object.fromEntries(taken)).toEqual({
      auth0: 'audience',
      keycloak: 'none',
      'entra-id': 'scope',
      okta: 'none',
      google: 'none',
      cognito: 'resource',
      'github-like': 'none',
      oidc: 'both',
    });
  });

  it('is what brings refresh tokens: a scope, parameters, or nothing at all', () => {
    const asking = providerNames.filter((name) => configOf(at(name)).scopes.includes('offline_access'));
    expect(asking).toEqual(['auth0', 'entra-id', 'okta', 'oidc']);
    const offline = { access_type: 'offline', prompt: 'consent' };
    expect(configOf(at('google')).authorizationParameters).toEqual(offline);
    for (const name of providerNames) expect(configOf(at(name)).scopes).toContain('read:contacts');
  });

  it('is nothing for oidc, nor without a provider', () => {
    const { provider, ...config } = configOf({});
    expect(configOf({ AUTH_PROVIDER: 'oidc' })).toEqual({ provider, ...config });
    expect(provider.variables).toEqual({});
  });

  it('says how a secret is sent only where there is one, and nothing else to authenticate with', () => {
    const standInsOf = (changes: Changes) =>
      listStandIns({ ...goodEnvironment, ...at('auth0', changes) }, testDeclaration);
    expect(standInsOf({})).toHaveProperty('AUTH_CLIENT_AUTH', 'client_secret_post');
    expect(standInsOf({ AUTH_CLIENT_SECRET: '' })).not.toHaveProperty('AUTH_CLIENT_AUTH');
    expect(standInsOf({ AUTH_CLIENT_KEYS: '{"keys":[]}' })).not.toHaveProperty('AUTH_CLIENT_AUTH');
  });

  it('is an address of the issuer itself, without its last slash', () => {
    expect(configOf(at('auth0')).logoutUrl).toBe('https://tenant.eu.auth0.com/oidc/logout');
    const enterprise = { AUTH_ISSUER: 'https://octocorp.ghe.com' };
    expect(configOf(at('github-like', enterprise)).endpoints).toEqual({
      authorization_endpoint: 'https://octocorp.ghe.com/login/oauth/authorize',
      token_endpoint: 'https://octocorp.ghe.com/login/oauth/access_token',
      userinfo_endpoint: 'https://api.octocorp.ghe.com/user',
    });
  });
});

describe('a setting that does not fit its provider', () => {
  it('DI-01: is an issuer of Auth0 without its slash, with words that say so', () => {
    const AUTH_ISSUER = 'https://tenant.eu.auth0.com';
    const problem = 'must end with a slash at auth0: https://tenant.eu.auth0.com/';
    expect(problemsOf(at('auth0', { AUTH_ISSUER }))).toEqual([{ variable: 'AUTH_ISSUER', problem }]);
  });

  it.each(['keycloak', 'okta', 'google', 'cognito'] as const)(
    'DI-01: is an issuer of %s with a slash',
    (name) => {
      const [problem, ...more] = problemsOf(at(name, { AUTH_ISSUER: `${issuers[name]}/` }));
      expect([problem?.variable, more]).toEqual(['AUTH_ISSUER', []]);
      expect(problem?.problem).toContain('must not end with a slash');
    },
  );

  it.each(['AUTH0', 'azure', 'constructor'])('is the provider %s, which nobody knows', (AUTH_PROVIDER) => {
    const [problem, ...more] = problemsOf({ AUTH_PROVIDER });
    expect([problem?.variable, more]).toEqual(['AUTH_PROVIDER', []]);
    expect(problem?.problem).toContain('entra-id');
  });

  it.each([
    { AUTH_AUDIENCE_AS: 'aud' },
    { AUTH_ACCOUNT_PROMPT: 'none' },
    { AUTH_SIGN_UP_PARAMS: 'prompt=none' },
    { AUTH_SIGN_UP_PARAMS: 'redirect_uri=https://evil.example' },
    { AUTH_TOKEN_LIFETIME: '604801' },
    { AUTH_LOGOUT_URL: '?x={secret}' },
    { AUTH_SCOPES: 'read:contacts' },
  ])('is %j', (changes) => {
    expect(problemsOf(changes).map(({ variable }) => variable)).toEqual(Object.keys(changes));
  });

  it('is a user who is to be told by an endpoint that is not named', () => {
    const changes = { AUTH_USER_CLAIMS: 'sub=id', AUTH_SCOPES: 'read:user' };
    expect(problemsOf(changes).map(({ variable }) => variable)).toEqual(['AUTH_USERINFO_ENDPOINT']);
    const AUTH_USERINFO_ENDPOINT = 'https://api.example/user';
    expect(configOf({ ...changes, AUTH_USERINFO_ENDPOINT }).userClaims).toEqual({ sub: 'id' });
  });
});

describe('the claims of a userinfo response', () => {
  it.each([
    ...['', 'name=login', 'sub=', 'sub=id&sub=node_id', 'sub=id&sid=session', 'sub=id&acr=level'],
    ...['sub=email', 'sub=login&name=name'],
  ])('%j is not a list of them with a subject that stays', (text) =>
    expect(parseUserClaims(text)).toBeTypeOf('string'),
  );
});
