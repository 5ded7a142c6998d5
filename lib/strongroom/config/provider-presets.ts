/**
 * What is known of authorization servers, one row for each AUTH_PROVIDER. Code never asks which provider it
 * is: it reads variables, for which a row stands in, and the columns of the row. Pure.
 */
import type { VariableName } from './variables';

export type ProviderPreset = {
  /** Scopes that identify the user and, where the server wants one for it, bring a refresh token. */
  scopes: string;
  /** Stand in for variables that are not set. `{issuer}` has no slash at its end. */
  variables: Readonly<Partial<Record<VariableName, string>>>;
  issuer: {
    example: string;
    /** Whether each issuer of this provider has a slash at its end; null: some do. */
    endsWithSlash: boolean | null;
    /** What every issuer of this provider matches, on a domain of its own too. */
    shape: RegExp;
  };
  /** What APIs get; `jwt_with_audience`: opaque without AUTH_AUDIENCE; `any`: it is not known. */
  accessTokens: 'any' | 'jwt' | 'jwt_with_audience' | 'opaque';
  /** What brings a refresh token: the scope `offline_access`, or nothing but the sign-in. */
  refreshTokens: 'by_scope' | 'by_default' | 'sometimes';
  /** What the server has no endpoint for, so that nothing is to be mended. */
  lacks: readonly ('logout' | 'revocation')[];
  /** The claim that is left out of ID tokens of users who are in too many groups. */
  overageClaim: string | null;
};

const openId: ProviderPreset = {
  scopes: 'openid profile email offline_access',
  variables: {},
  issuer: { example: 'https://sso.example.com', endsWithSlash: null, shape: /./ },
  accessTokens: 'any',
  refreshTokens: 'by_scope',
  lacks: [],
  overageClaim: null,
};

export const providerPresets = {
  auth0: {
    ...openId,
    variables: {
      AUTH_AUDIENCE_AS: 'audience',
      AUTH_CLIENT_AUTH: 'client_secret_post',
      AUTH_LINK_PARAMS: 'organization invitation connection screen_hint login_hint ui_locales',
      AUTH_LOGOUT_URL: '{issuer}/oidc/logout',
      AUTH_SIGN_UP_PARAMS: 'screen_hint=signup',
    },
    issuer: {
      example: 'https://YOUR-TENANT.eu.auth0.com/',
      endsWithSlash: true,
      shape: /^[^/]+\/\/[^/]+\/$/,
    },
    accessTokens: 'jwt_with_audience',
  },
  keycloak: {
    ...openId,
    scopes: 'openid profile email',
    variables: {
      AUTH_AUDIENCE_AS: 'none',
      AUTH_CLIENT_AUTH: 'client_secret_basic_encoded',
      AUTH_LINK_PARAMS: 'kc_idp_hint login_hint ui_locales',
    },
    issuer: {
      example: 'https://sso.example.com/realms/main',
      endsWithSlash: false,
      shape: /\/realms\/[^/]+$/,
    },
    accessTokens: 'jwt',
    refreshTokens: 'by_default',
  },
  'entra-id': {
    ...openId,
    variables: {
      AUTH_ACCOUNT_PROMPT: 'select_account',
      AUTH_AUDIENCE_AS: 'scope',
      AUTH_CLIENT_AUTH: 'client_secret_post',
      AUTH_LINK_PARAMS: 'domain_hint login_hint',
    },
    issuer: {
      example: 'https://login.microsoftonline.com/<tenant id>/v2.0',
      endsWithSlash: null,
      shape: /\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\/v2\.0\/?$/i,
    },
    accessTokens: 'jwt',
    lacks: ['revocation'],
    overageClaim: 'groups',
  },
  okta: {
    ...openId,
    variables: { AUTH_AUDIENCE_AS: 'none', AUTH_LINK_PARAMS: 'idp login_hint' },
    issuer: {
      example: 'https://YOUR-ORG.okta.com/oauth2/default',
      endsWithSlash: false,
      shape: /\/oauth2\/[^/]+$/,
    },
    accessTokens: 'jwt',
  },
  google: {
    ...openId,
    scopes: 'openid profile email',
    variables: {
      AUTH_ACCOUNT_PROMPT: 'select_account',
      AUTH_AUDIENCE_AS: 'none',
      AUTH_AUTHORIZATION_PARAMS: 'access_type=offline&prompt=consent',
      AUTH_CLIENT_AUTH: 'client_secret_post',
      AUTH_LINK_PARAMS: 'login_hint hd',
    },
    issuer: {
      example: 'https://accounts.google.com',
      endsWithSlash: false,
      shape: /^https:\/\/accounts\.google\.com$/,
    },
    accessTokens: 'opaque',
    refreshTokens: 'by_default',
    lacks: ['logout'],
  },
  cognito: {
    ...openId,
    scopes: 'openid profile email',
    variables: {
      AUTH_AUDIENCE_AS: 'resource',
      AUTH_LINK_PARAMS: 'identity_provider idp_identifier login_hint lang',
      AUTH_LOGOUT_URL: '?client_id={client_id}&logout_uri={return_url}',
    },
    issuer: {
      example: 'https://cognito-idp.eu-central-1.amazonaws.com/<user pool id>',
      endsWithSlash: false,
      shape: /\/[a-z\d-]+_[A-Za-z\d]+$/,
    },
    accessTokens: 'jwt',
    refreshTokens: 'by_default',
  },
  'github-like': {
    ...openId,
    scopes: 'read:user',
    variables: {
      AUTH_ACCOUNT_PROMPT: 'select_account',
      AUTH_AUDIENCE_AS: 'none',
      AUTH_AUTHORIZATION_ENDPOINT: '{issuer}/login/oauth/authorize',
      AUTH_CLIENT_AUTH: 'client_secret_post',
      AUTH_LINK_PARAMS: 'login',
      AUTH_TOKEN_ENDPOINT: '{issuer}/login/oauth/access_token',
      AUTH_TOKEN_LIFETIME: '604800',
      AUTH_USER_CLAIMS: 'sub=id&name=name&preferred_username=login&email=email&picture=avatar_url',
      AUTH_USERINFO_ENDPOINT: 'https://api.{issuer_host}/user',
    },
    issuer: { example: 'https://github.com', endsWithSlash: null, shape: /^[^/]+\/\/[^/]+\/?$/ },
    accessTokens: 'opaque',
    refreshTokens: 'sometimes',
    lacks: ['logout', 'revocation'],
  },
  oidc: openId,
} as const satisfies Record<string, ProviderPreset>;

export type ProviderName = keyof typeof providerPresets;

export const providerNames = Object.keys(providerPresets) as [ProviderName, ...ProviderName[]];

/** The row of a provider; that of `oidc`, which stands in for nothing, where the name is unknown. */
export function presetOf(name: string | undefined): ProviderPreset {
  return providerNames.includes(name as ProviderName) ? providerPresets[name as ProviderName] : openId;
}
