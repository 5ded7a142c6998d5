/**
 * Every environment variable of the application, once. `.env.example` and the tables in the README and docs/configuration.md are
 * checked against this list by a test. Pure: read by scripts too.
 */

export type Variable = {
  name: string;
  /** What it is, in one sentence. */
  purpose: string;
  /** A value that shows the shape; never a working secret. */
  example: string;
  /** What holds when it is not set; `null` when it must be set. */
  fallback: string | null;
};

export const variables = [
  {
    name: 'AUTH_URL',
    purpose:
      'The public origin of this application, as people type it. Cookies and redirects derive from it alone.',
    example: 'https://app.example.com',
    fallback: null,
  },
  {
    name: 'AUTH_SECRET',
    purpose:
      'Seals the cookies. At least 32 random characters; several as `2:new,1:old`, the highest number seals.',
    example: '1:<32 random bytes: npm run secret>',
    fallback: null,
  },
  {
    name: 'AUTH_ISSUER',
    purpose: 'Issuer identifier of your authorization server, exactly as its metadata states it.',
    example: 'https://tenant.example.auth0.com/',
    fallback: null,
  },
  {
    name: 'AUTH_CLIENT_ID',
    purpose: 'Client id of this application at the authorization server.',
    example: 'strongroom-web',
    fallback: null,
  },
  {
    name: 'AUTH_CLIENT_SECRET',
    purpose: 'Client secret that belongs to it.',
    example: '<from your authorization server>',
    fallback: null,
  },
  {
    name: 'API_BASE_URL',
    purpose: 'Where the protected API answers.',
    example: 'https://api.example.com',
    fallback: null,
  },
  {
    name: 'AUTH_AUDIENCE',
    purpose:
      'Identifier of the API at the authorization server; sent as `audience` and as `resource` (RFC 8707).',
    example: 'https://api.example.com',
    fallback: 'not sent',
  },
  {
    name: 'AUTH_SCOPES',
    purpose:
      'Permissions asked for at sign-in, separated by spaces. `offline_access` keeps people signed in.',
    example: 'openid profile email offline_access read:contacts read:messages write:messages',
    fallback: 'openid profile email offline_access read:contacts read:messages write:messages',
  },
  {
    name: 'AUTH_CLIENT_AUTH',
    purpose: 'How the client authenticates: `client_secret_basic` or `client_secret_post`.',
    example: 'client_secret_basic',
    fallback: 'client_secret_basic',
  },
  {
    name: 'AUTH_PAR',
    purpose: 'Pushed authorization requests (RFC 9126): `when-required` by the metadata, or `always`.',
    example: 'when-required',
    fallback: 'when-required',
  },
  {
    name: 'SESSION_MAX_HOURS',
    purpose: 'Hours after which a person signs in again, whatever they did in between (1 to 720).',
    example: '168',
    fallback: '168',
  },
  {
    name: 'LOG_LEVEL',
    purpose: 'How much is logged: `debug`, `info`, `warn`, `error` or `silent`.',
    example: 'info',
    fallback: 'info',
  },
  {
    name: 'DEMO_ACCOUNTS',
    purpose:
      'Accounts that the home page offers for trying, as `e-mail=password` with commas; loopback only.',
    example: '',
    fallback: 'none',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]['name'];
