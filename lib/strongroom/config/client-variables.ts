/** The variables about how this client authenticates itself; variables.ts has the type of a row. Pure. */
export const clientVariables = [
  {
    name: 'AUTH_CLIENT_ID',
    purpose: 'Client id of this application at the authorization server.',
    example: 'strongroom-web',
    fallback: null,
  },
  {
    name: 'AUTH_CLIENT_SECRET',
    purpose: 'Client secret that belongs to it; with a key or a token of the platform, none is needed.',
    example: '<from your authorization server>',
    fallback: 'none',
  },
  {
    name: 'AUTH_CLIENT_KEYS',
    purpose:
      'Private keys of this client (`npm run keys`): a JWK Set of one, or of two for a roll-over. The first one that the server takes signs; the public parts of all are at `/.well-known/jwks.json`.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_CLIENT_ASSERTION_FILE',
    purpose:
      'File with a token of the platform (Kubernetes, SPIFFE, a cloud) that proves who this client is; read for each request, as it changes.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_CLIENT_AUTH',
    purpose:
      'How the client authenticates: `auto` takes the file, else the keys, else the secret as the metadata say; or `client_secret_basic` (id and secret as they stand), `client_secret_basic_encoded` (form-encoded, RFC 6749 §2.3.1), `client_secret_post`, `client_secret_jwt`, `private_key_jwt`, `assertion_file`, or `none` (PKCE alone).',
    example: 'auto',
    fallback: 'auto',
  },
] as const;
