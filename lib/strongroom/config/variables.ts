/**
 * Every environment variable of the application, once. `.env.example`, docs/configuration.md and the README
 * are checked against this list by a test. Pure.
 */
import type { Declaration } from './declaration';
import { serverAddressVariables } from './server-address-variables';

export type Variable = {
  name: string;
  /** What it is, in one sentence. */
  purpose: string;
  /** A value that shows the shape; never a working secret. */
  example: string;
  /** What holds when it is not set; `null` when it must be set. */
  fallback: string | null;
};

/** The variables that every application has; those of its APIs are declared by the adopter. */
const common = [
  {
    name: 'AUTH_URL',
    purpose:
      'The public origin of this application, as users type it. Cookies and redirects derive from it alone.',
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
  ...serverAddressVariables,
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
    name: 'API_OVER_HTTP',
    purpose:
      'Where the API may be asked by http: on this machine (`loopback`), or in a `private-network` whose links you trust.',
    example: 'loopback',
    fallback: 'loopback',
  },
  {
    name: 'AUTH_AUDIENCE',
    purpose:
      'Identifier of the API at the authorization server; sent as `audience` and, where it is an address, as `resource` (RFC 8707).',
    example: 'https://api.example.com',
    fallback: 'not sent',
  },
  {
    name: 'AUTH_SCOPES',
    purpose: 'Permissions asked for at sign-in, separated by spaces. `offline_access` keeps users signed in.',
    example: '',
    fallback: null,
  },
  {
    name: 'AUTH_CLIENT_AUTH',
    purpose:
      'How the client authenticates: `client_secret_basic` (id and secret as they stand), `client_secret_basic_encoded` (form-encoded, RFC 6749 §2.3.1) or `client_secret_post`.',
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
    purpose: 'Hours after which a user signs in again, whatever they did in between (1 to 720).',
    example: '168',
    fallback: '168',
  },
  {
    name: 'SESSION_IDLE_MINUTES',
    purpose: 'Minutes without a page opened or a form sent after which a user signs in again (5 to 43200).',
    example: '1440',
    fallback: '1440',
  },
  {
    name: 'SESSIONS_NOT_BEFORE',
    purpose: 'Revokes every session that began before this instant (ISO 8601 with a zone).',
    example: '',
    fallback: 'none',
  },
  {
    name: 'REDIS_URL',
    purpose:
      'Redis (6 or later) or Valkey that all instances share; without it, one instance keeps it all in memory.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'REVOCATION_CHECK',
    purpose:
      'While Redis does not answer: `open` lets sessions go on with the access token they have, `closed` lets nobody in.',
    example: 'open',
    fallback: 'open',
  },
  {
    name: 'AUTH_BACKCHANNEL_LOGOUT',
    purpose:
      'Back-channel logout: `with-redis` is on when REDIS_URL is set, `single-instance` is on without it too, `off`.',
    example: 'with-redis',
    fallback: 'with-redis',
  },
  {
    name: 'AUTH_SIGNING_ALG',
    purpose:
      'The one algorithm that ID tokens and logout tokens are signed with, such as `RS256`, `PS256`, `ES256` or `EdDSA` (also with 384 and 512); `any` takes all of these.',
    example: 'any',
    fallback: 'any',
  },
  {
    name: 'TRUSTED_PROXY_HOPS',
    purpose:
      'Reverse proxies in front that append to `X-Forwarded-For` (0 to 5): `auto` is 1 over https and 0 on localhost.',
    example: 'auto',
    fallback: 'auto',
  },
  {
    name: 'EGRESS_PROXY_URL',
    purpose:
      'HTTP proxy through which every request to the authorization server and the API leaves; `HTTP_PROXY` and the like have no effect.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'RATE_LIMIT_PER_MINUTE',
    purpose:
      'Sign-ins, callbacks and refreshes that one client address may ask for in a minute, each (10 to 1000000); requests to the API gateway and forms ten times as many.',
    example: '60',
    fallback: '60',
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

export type VariableName = (typeof common)[number]['name'];

/** Always asked for: who the user is, and a refresh token. */
const identityAndRefresh = 'openid profile email offline_access';

/** All variables of the application that `declaration` describes. */
export function listVariables({ apis, permissions }: DeclaredVariables): readonly Variable[] {
  const scopes = permissions.map(({ scope }) => scope).filter((scope) => scope !== 'offline_access');
  const allScopes = [identityAndRefresh, ...scopes].join(' ');
  return common.flatMap((variable): Variable[] => {
    if (variable.name === 'API_OVER_HTTP') return [...Object.values(apis).map(describeApi), variable];
    return variable.name === 'AUTH_SCOPES' ? [{ ...variable, fallback: allScopes }] : [variable];
  });
}

export type DeclaredVariables = Pick<Declaration, 'apis' | 'permissions'>;

function describeApi({ baseUrl }: { baseUrl: string }): Variable {
  return {
    name: baseUrl,
    purpose: 'Where the protected API answers.',
    example: 'https://api.example.com',
    fallback: null,
  };
}
