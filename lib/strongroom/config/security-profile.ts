/**
 * What `SECURITY_PROFILE` makes of the settings that follow it, and what cannot stand beside it. `auto` takes
 * every protection that both sides know, `oidc` only those that are asked for by their own variables, `fapi2`
 * all that FAPI 2.0 requires of a client. Pure.
 * @see FAPI 2.0 Security Profile §5.3.3 (clients) and §5.4 (algorithms)
 */
import { type ClientKey, parseClientKeys } from './client-keys';
import type { VariableName } from './variables';
import { isLoopback } from './web-address';

export const securityProfiles = ['auto', 'oidc', 'fapi2'] as const;
export type SecurityProfile = (typeof securityProfiles)[number];

/** `Ed25519` is another name of `EdDSA`. @see RFC 9864 §2.2 */
export const fapi2Algorithms = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

/** What of a list FAPI 2.0 allows. */
export function pickAllowed(algorithms: readonly string[]): string[] {
  return algorithms.filter((alg) => fapi2Algorithms.some((allowed) => allowed === alg));
}

export type SecuritySettings = {
  securityProfile: SecurityProfile;
  pushedRequests: 'when-offered' | 'when-required' | 'always';
  /** Whether authorization requests are signed; `auto`: where the metadata require it. */
  requestObjects: 'auto' | 'always' | 'never';
  /** Whether tokens are bound to a key of their session; `auto` asks both servers. */
  dpop: 'auto' | 'always' | 'never';
  /** The first one signs. */
  clientKeys: readonly ClientKey[];
};

type Values = {
  SECURITY_PROFILE: SecurityProfile;
  AUTH_PAR: SecuritySettings['pushedRequests'];
  AUTH_REQUEST_OBJECT: SecuritySettings['requestObjects'];
  AUTH_DPOP: SecuritySettings['dpop'];
  AUTH_CLIENT_KEYS?: readonly ClientKey[] | undefined;
};

/** The settings as they hold under the profile. */
export function readSecuritySettings(values: Values): SecuritySettings {
  const { SECURITY_PROFILE: securityProfile, AUTH_PAR: pushedRequests, AUTH_DPOP: dpop } = values;
  const { AUTH_REQUEST_OBJECT: requestObjects, AUTH_CLIENT_KEYS: clientKeys = [] } = values;
  const settings = { securityProfile, pushedRequests, requestObjects, dpop, clientKeys };
  if (securityProfile === 'auto') return settings;
  if (securityProfile === 'oidc')
    return {
      ...settings,
      pushedRequests: pushedRequests === 'when-offered' ? 'when-required' : pushedRequests,
      dpop: dpop === 'auto' ? 'never' : dpop,
    };
  const allowed = clientKeys.map((key) => ({ ...key, algorithms: pickAllowed(key.algorithms) }));
  return { ...settings, pushedRequests: 'always', dpop: 'always', clientKeys: allowed };
}

type Environment = Readonly<Record<string, string | undefined>>;
type Rule = { variable: VariableName; isBroken: (written: Environment) => boolean; problem: string };

const endpoints = ['AUTH_AUTHORIZATION_ENDPOINT', 'AUTH_TOKEN_ENDPOINT', 'AUTH_JWKS_URI'] as const;

const rules: readonly Rule[] = [
  {
    variable: 'AUTH_CLIENT_AUTH',
    isBroken: ({ AUTH_CLIENT_AUTH: as = '' }) => !['auto', 'private_key_jwt', 'assertion_file'].includes(as),
    problem: 'must be auto, private_key_jwt or assertion_file: FAPI 2.0 takes no client secret',
  },
  {
    variable: 'AUTH_CLIENT_KEYS',
    isBroken: (written) =>
      written.AUTH_CLIENT_AUTH === 'auto' &&
      written.AUTH_CLIENT_KEYS === undefined &&
      written.AUTH_CLIENT_ASSERTION_FILE === undefined,
    problem: 'is not set, and FAPI 2.0 takes no client secret: make it with: npm run keys',
  },
  {
    variable: 'AUTH_CLIENT_KEYS',
    isBroken: ({ AUTH_CLIENT_KEYS: text = '' }) => {
      const keys = parseClientKeys(text);
      return typeof keys !== 'string' && keys.some(({ algorithms }) => pickAllowed(algorithms).length === 0);
    },
    problem: 'must sign with PS256, ES256 or EdDSA: make it with: npm run keys -- --alg PS256',
  },
  {
    variable: 'AUTH_PAR',
    isBroken: ({ AUTH_PAR }) => AUTH_PAR === 'when-required',
    problem: 'must be always: FAPI 2.0 has every authorization request pushed',
  },
  {
    variable: 'AUTH_DPOP',
    isBroken: ({ AUTH_DPOP }) => AUTH_DPOP === 'never',
    problem: 'must be always: FAPI 2.0 has tokens bound to their session',
  },
  {
    variable: 'AUTH_SIGNING_ALG',
    isBroken: ({ AUTH_SIGNING_ALG: alg = 'any' }) => alg !== 'any' && pickAllowed([alg]).length === 0,
    problem: 'must be any, PS256, ES256 or EdDSA: FAPI 2.0 allows no other algorithm',
  },
  {
    variable: 'AUTH_AUTHORIZATION_ENDPOINT',
    isBroken: (written) => endpoints.every((name) => written[name] !== undefined),
    problem: 'must not take the place of the metadata: FAPI 2.0 reads endpoints and abilities there',
  },
  {
    variable: 'AUTH_ISSUER_INTERNAL_URL',
    isBroken: ({ AUTH_ISSUER_INTERNAL_URL: address = '' }) => isPlainHttp(address),
    problem: 'must be https: FAPI 2.0 allows nothing else',
  },
  {
    variable: 'API_OVER_HTTP',
    isBroken: ({ API_OVER_HTTP }) => API_OVER_HTTP === 'private-network',
    problem: 'must be loopback: FAPI 2.0 has tokens sent by https only',
  },
];

/** As for every address, http is for this machine. */
function isPlainHttp(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === 'http:' && !isLoopback(url);
}

/** One sentence for each thing that `fapi2` requires and that is set otherwise. */
export function findProfileProblems(written: Environment): Pick<Rule, 'variable' | 'problem'>[] {
  if (written.SECURITY_PROFILE !== 'fapi2') return [];
  return rules
    .filter(({ isBroken }) => isBroken(written))
    .map(({ variable, problem }) => ({ variable, problem: `${problem} (SECURITY_PROFILE=fapi2)` }));
}
