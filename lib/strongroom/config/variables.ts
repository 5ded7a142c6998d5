/**
 * Every environment variable of the application, once. `.env.example`, docs/configuration.md and the README
 * are checked against this list by a test. Pure.
 */
import { isVariable } from './apis';
import { clientVariables } from './client-variables';
import type { CompleteDeclaration, DeclaredApi } from './declaration';
import { providerVariables } from './provider-variables';
import { serverAddressVariables } from './server-address-variables';
import { serverVariables } from './server-variables';
import { sessionVariables } from './session-variables';
import { telemetryVariables } from './telemetry-settings';

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
      'The public address of this application, as users type it: an origin, and its base path if it has one. Cookies and redirects derive from it alone.',
    example: 'https://app.example.com',
    fallback: null,
  },
  {
    name: 'BASE_PATH',
    purpose:
      'For `npm run build`, in which Next.js fixes it: the path of the host below which the application is served, such as `/portal`. AUTH_URL then ends with it.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_SECRET',
    purpose:
      'Seals the cookies. At least 32 random characters; several as `2:new,1:old`: all open, the highest number seals that is not marked as in `3:next:…`.',
    example: '1:<32 random bytes: npm run secret>',
    fallback: null,
  },
  ...providerVariables,
  {
    name: 'AUTH_ISSUER',
    purpose: 'Issuer identifier of your authorization server, exactly as its metadata states it.',
    example: 'https://tenant.example.auth0.com/',
    fallback: null,
  },
  ...serverAddressVariables,
  ...clientVariables,
  {
    name: 'API_OVER_HTTP',
    purpose:
      'Where the API may be asked by http: on this machine (`loopback`), or in a `private-network` whose links you trust.',
    example: 'loopback',
    fallback: 'loopback',
  },
  {
    name: 'AUTH_AUDIENCE',
    purpose: 'Identifier of the API at the authorization server; AUTH_AUDIENCE_AS says how it is sent.',
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
    name: 'AUTH_AUTHORIZATION_PARAMS',
    purpose:
      'More parameters of every authorization request, as a query: `access_type=offline`, `prompt=select_account`, or `prompt=consent` for servers that grant `offline_access` only then.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUTH_LINK_PARAMS',
    purpose:
      'Names of parameters, separated by spaces or commas, that a link to `/sign-in` or `/auth/sign-in` may pass on to the authorization server, such as `login_hint connection organization invitation screen_hint ui_locales`.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'SECURITY_PROFILE',
    purpose:
      'Protections as a whole: `auto` uses what both servers’ metadata offer, `oidc` only what the variables below ask for, `fapi2` requires the FAPI 2.0 Security Profile and begins no sign-in with less.',
    example: 'auto',
    fallback: 'auto',
  },
  {
    name: 'AUTH_PAR',
    purpose:
      'Pushed authorization requests (RFC 9126): `when-offered` or `when-required` by the metadata, or `always`. An endpoint that is only offered and fails stops no sign-in.',
    example: 'when-offered',
    fallback: 'when-offered',
  },
  {
    name: 'AUTH_REQUEST_OBJECT',
    purpose:
      'Signed authorization requests (RFC 9101), by the first of AUTH_CLIENT_KEYS: `auto` where the metadata require them, `always` or `never`.',
    example: 'auto',
    fallback: 'auto',
  },
  {
    name: 'AUTH_DPOP',
    purpose:
      'Tokens bound to a key of their session (RFC 9449): `auto` where the authorization server and every API offer it, `always` or `never`.',
    example: 'auto',
    fallback: 'auto',
  },
  {
    name: 'AUTH_LOGOUT_URL',
    purpose:
      'Logout address of the authorization server, in place of its metadata: `{client_id}`, `{return_url}`, `{id_token}` and `{state}` are filled in; without one, the parameters of OIDC. A query alone, such as `?logout_uri={return_url}`, is for the address of the metadata.',
    example: '',
    fallback: 'none',
  },
  ...sessionVariables,
  ...serverVariables,
  ...telemetryVariables,
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
export function listVariables({
  apis,
  permissions,
}: Pick<CompleteDeclaration, 'apis' | 'permissions'>): readonly Variable[] {
  const allScopes = joinScopes(identityAndRefresh, permissions);
  return common.flatMap((variable): Variable[] => {
    if (variable.name === 'API_OVER_HTTP') return [...describeApis(apis), variable];
    return variable.name === 'AUTH_SCOPES' ? [{ ...variable, fallback: allScopes }] : [variable];
  });
}

/** Whether tokens are refreshed is for `first` to say, where the user has a permission for that too. */
export function joinScopes(first: string, permissions: CompleteDeclaration['permissions']): string {
  const scopes = permissions.map(({ scope }) => scope).filter((scope) => scope !== 'offline_access');
  return [first, ...scopes].join(' ');
}

export type DeclaredVariables = Pick<
  CompleteDeclaration,
  'apis' | 'permissions' | 'paths' | 'protectedPaths'
>;

function describeApis(apis: CompleteDeclaration['apis']): Variable[] {
  const [first] = Object.values(apis);
  return Object.entries(apis).flatMap(([name, api]) =>
    api === first ? [describeAddress(api, 'the protected API', 'api')] : describeOther(name, api),
  );
}

function describeOther(name: string, api: DeclaredApi): Variable[] {
  const address = describeAddress(api, `the API \`${name}\``, name);
  const { audience } = api;
  if (audience === undefined || !isVariable(audience)) return [address];
  const purpose = `Identifier of the API \`${name}\` at the authorization server. The same as \`AUTH_AUDIENCE\`, where that server knows no resource indicators (RFC 8707): then both share one token. Required once \`AUTH_AUDIENCE\` is set.`;
  return [address, { name: audience, purpose, example: `https://${name}.example.com`, fallback: 'not sent' }];
}

function describeAddress({ baseUrl }: DeclaredApi, what: string, host: string): Variable {
  const purpose = `Where ${what} answers.`;
  return { name: baseUrl, purpose, example: `https://${host}.example.com`, fallback: null };
}
