import { describe, expect, it } from 'vitest';
import type { Declaration } from '../config/declaration';
import { useEnvironment } from '../testing/environment';
import { checkAudience } from './check-audience';
import { checkProvider } from './check-provider';
import { createContext } from './context';

const bounds = { requestMs: 1, totalMs: 1 };
const tenant = '11111111-2222-3333-4444-555555555555';

function useDeployment(env: Record<string, string>, declaration: Partial<Declaration> = {}) {
  useEnvironment(env, declaration);
  return createContext(bounds);
}

describe('an issuer that does not look like its provider’s', () => {
  it.each([
    ['google', 'https://accounts.example.com'],
    ['entra-id', 'https://login.microsoftonline.com/common/v2.0'],
    ['entra-id', `https://sts.windows.net/${tenant}/`],
    ['keycloak', 'https://sso.example.com/auth'],
    ['okta', 'https://org.okta.com'],
    ['auth0', 'https://tenant.eu.auth0.com/v2/'],
    ['cognito', 'https://pool.auth.eu-central-1.amazoncognito.com'],
    ['github-like', 'https://github.com/login/oauth'],
  ])('at %s: %s is named with AUTH_ISSUER', (AUTH_PROVIDER, AUTH_ISSUER) => {
    const findings = checkProvider(useDeployment({ AUTH_PROVIDER, AUTH_ISSUER }));
    expect(findings.filter(({ level }) => level !== 'ok')).toMatchObject([{ variable: 'AUTH_ISSUER' }]);
  });

  it.each([
    ['auth0', 'https://login.example.com/'],
    ['entra-id', `https://${tenant}.ciamlogin.com/${tenant}/v2.0`],
    ['okta', 'https://id.example.com/oauth2/aus1'],
    ['keycloak', 'http://127.0.0.1:4000'],
  ])('is not one on a domain of its own, nor on this machine: %s, %s', (AUTH_PROVIDER, AUTH_ISSUER) => {
    const findings = checkProvider(useDeployment({ AUTH_PROVIDER, AUTH_ISSUER }));
    expect(findings.map(({ level }) => level)).toEqual(['ok']);
  });
});

it('the doctor says what a provider fills in, without what is set, and nothing where there is none', () => {
  const env = { AUTH_PROVIDER: 'okta', AUTH_ISSUER: 'https://a.okta.com/oauth2/default' };
  const [filled] = checkProvider(useDeployment({ ...env, AUTH_LINK_PARAMS: 'idp' }));
  expect(filled?.words).toBe('okta fills in AUTH_AUDIENCE_AS, AUTH_SCOPES');
  expect(checkProvider(useDeployment({}))).toEqual([]);
});

it('the doctor warns of roles that are in a claim which a server leaves out for users in many groups', () => {
  const env = { AUTH_PROVIDER: 'entra-id', AUTH_ISSUER: `https://login.microsoftonline.com/${tenant}/v2.0` };
  const warningsWith = (roles: Declaration['roles']) =>
    checkProvider(useDeployment(env, roles === undefined ? {} : { roles })).filter(
      ({ level }) => level !== 'ok',
    );
  expect(warningsWith({ claim: 'groups', names: ['a'] })).toHaveLength(1);
  expect(warningsWith({ claim: 'roles', names: ['a'] })).toEqual([]);
});

it.each([
  [{ AUTH_PROVIDER: 'auth0', AUTH_ISSUER: 'https://a.auth0.com/' }, 'warning', /without an audience.*opaque/],
  [{ AUTH_PROVIDER: 'google', AUTH_ISSUER: 'https://accounts.google.com' }, 'ok', /opaque/],
])('the doctor says with %j what kind of access token there is', async (env, level, words) => {
  const context = useDeployment(env);
  const metadata = { issuer: '', authorization_endpoint: '', token_endpoint: '' };
  const [finding] = await checkAudience(context, { document: {}, metadata, isClientAccepted: true });
  expect([finding?.level, words.test(finding?.words ?? '')]).toEqual([level, true]);
});
