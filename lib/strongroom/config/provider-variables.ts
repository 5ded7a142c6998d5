/**
 * The variables for what authorization servers do differently: AUTH_PROVIDER fills in the others, each of
 * which can be set by itself. They are part of the list in variables.ts. Pure.
 */
export const providerVariables = [
  {
    name: 'AUTH_PROVIDER',
    purpose:
      'Whose authorization server it is: `auth0`, `keycloak`, `entra-id`, `okta`, `google`, `cognito`, `github-like` (OAuth 2.0 without OpenID Connect) or `oidc`. What is known of it stands in for variables that are not set.',
    example: 'oidc',
    fallback: 'oidc',
  },
  {
    name: 'AUTH_AUDIENCE_AS',
    purpose:
      'How the server is told the API: by `audience`, `resource` (RFC 8707; only an address), `both`, the `scope` of each token request (for one API, its scopes alone), or `none`.',
    example: 'both',
    fallback: 'both',
  },
  {
    name: 'AUTH_ACCOUNT_PROMPT',
    purpose:
      'The `prompt` that lets a user choose another account: `login`, `select_account`, or `auto` by the metadata.',
    example: 'auto',
    fallback: 'auto',
  },
  {
    name: 'AUTH_SIGN_UP_PARAMS',
    purpose:
      'Parameters, as a query, with which the authorization server offers to create an account, such as `screen_hint=signup` or `prompt=create`; with them, the sign-in page has a link for it.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_USER_CLAIMS',
    purpose:
      'For a server without ID tokens: the claims that members of its userinfo response stand for, as a query, such as `sub=id&preferred_username=login`.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_TOKEN_LIFETIME',
    purpose:
      'Seconds that an access token is used where the server does not say how long it lives (60 to 604800).',
    example: '300',
    fallback: '300',
  },
] as const;
