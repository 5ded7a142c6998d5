/**
 * The variables as they count: what is set, else what the preset of the provider stands in with, else the
 * fallback. Pure: the environment is passed in.
 */
import { type ProviderPreset, presetOf } from './provider-presets';
import { type DeclaredVariables, joinScopes, listVariables } from './variables';

type Environment = Readonly<Record<string, string | undefined>>;
type Values = Record<string, string>;

/**
 * Only the variables of the table, empty ones as absent. Where nothing stands in without a value, the word
 * `none` keeps the preset from standing in.
 */
export function readVariables(env: Environment, declared: DeclaredVariables): Values {
  const standIns = listStandIns(env, declared);
  const values: Values = {};
  for (const { name, fallback } of listVariables(declared)) {
    const written = env[name]?.trim() ?? '';
    if (isNothing(fallback) && written === 'none') continue;
    const value = written || standIns[name] || (isNothing(fallback) ? '' : (fallback ?? ''));
    if (value !== '') values[name] = value;
  }
  return values;
}

export type Provider = ProviderPreset & {
  name: string;
  /** What its row stands in with, by variable. */
  standIns: Readonly<Record<string, string>>;
};

export function describeProvider(env: Environment, declared: DeclaredVariables): Provider {
  const name = env.AUTH_PROVIDER?.trim() || 'oidc';
  return { ...presetOf(name), name, standIns: listStandIns(env, declared) };
}

const otherCredentials = ['AUTH_CLIENT_KEYS', 'AUTH_CLIENT_ASSERTION_FILE'];

/** What the preset stands in with, by the variables that are not set. */
export function listStandIns(env: Environment, { permissions }: DeclaredVariables): Values {
  const { scopes, variables } = presetOf(env.AUTH_PROVIDER?.trim());
  const issuer = URL.parse(env.AUTH_ISSUER?.trim() ?? '');
  const places: Values = {
    issuer: issuer?.href.replace(/\/$/, '') ?? '',
    issuer_host: issuer?.host ?? '',
  };
  const known = Object.entries({ AUTH_SCOPES: joinScopes(scopes, permissions), ...variables });
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  // How a secret is sent is of no use to a client that proves itself in another way.
  const isBySecret = isSet('AUTH_CLIENT_SECRET') && !otherCredentials.some(isSet);
  return Object.fromEntries(
    known
      .filter(([name]) => !isSet(name) && (name !== 'AUTH_CLIENT_AUTH' || isBySecret))
      .filter(([, value]) => issuer !== null || !value.includes('{issuer'))
      .map(([name, value]) => [name, value.replace(/\{(issuer\w*)\}/g, (_, place) => places[place] ?? '')]),
  );
}

/** "not sent" and "none" say that nothing stands in; every other fallback is a value. */
function isNothing(fallback: string | null): boolean {
  return fallback === 'not sent' || fallback === 'none';
}
