/**
 * The variables for an authorization server that is reached elsewhere than its name says, or that has no
 * discovery. They are part of the list in variables.ts. Pure.
 */
export const serverAddressVariables = [
  {
    name: 'AUTH_ISSUER_INTERNAL_URL',
    purpose:
      'Where this server reaches the issuer in a private network, by http too; browsers and the issuer’s name keep to AUTH_ISSUER.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_AUTHORIZATION_ENDPOINT',
    purpose:
      'For a server without discovery: where browsers sign in. With this one and the next two, no metadata is asked for.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_TOKEN_ENDPOINT',
    purpose: 'Token endpoint; takes the place of the one in the metadata, as do the next three.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_JWKS_URI',
    purpose: 'Address of the signing keys.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_USERINFO_ENDPOINT',
    purpose: 'Userinfo endpoint.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_REVOCATION_ENDPOINT',
    purpose: 'Revocation endpoint (RFC 7009).',
    example: '',
    fallback: 'none',
  },
] as const;

/** Which variable takes the place of which member of the metadata. */
export const endpointVariables = {
  authorization_endpoint: 'AUTH_AUTHORIZATION_ENDPOINT',
  token_endpoint: 'AUTH_TOKEN_ENDPOINT',
  jwks_uri: 'AUTH_JWKS_URI',
  userinfo_endpoint: 'AUTH_USERINFO_ENDPOINT',
  revocation_endpoint: 'AUTH_REVOCATION_ENDPOINT',
} as const satisfies Record<string, (typeof serverAddressVariables)[number]['name']>;
