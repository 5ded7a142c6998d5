/**
 * Turns environment variables into a `Config`, or into the whole list of what is wrong. Pure: the environment
 * is passed in.
 */
import type { z } from 'zod';
import { type Api, listApis } from './apis';
import type { Parameters } from './authorization-parameters';
import {
  type ConfigProblem,
  findApiProblems,
  findBasePathProblems,
  findContradictions,
} from './config-problems';
import { type clientAuthentications, environmentSchema } from './environment-schema';
import type { NumberedSecrets } from './secrets';
import { type DeclaredVariables, listVariables, type VariableName } from './variables';

export type Config = {
  /** Origin, without a trailing slash. */
  appOrigin: string;
  /** The origin and the base path, without a trailing slash: where users find the application. */
  appUrl: string;
  isHttps: boolean;
  secrets: NumberedSecrets;
  issuer: string;
  /** Where requests of ours to the issuer go, if that is elsewhere; http is allowed there. */
  issuerInternalUrl: string | null;
  /** Addresses of the authorization server that take the place of those in its metadata. */
  endpoints: Readonly<Partial<Record<keyof typeof endpointVariables, string>>>;
  clientId: string;
  clientSecret: string;
  clientAuthentication: (typeof clientAuthentications)[number];
  pushedRequests: 'when-required' | 'always';
  /** Whether tokens are bound to a key of their session; `auto` asks both servers. */
  dpop: 'auto' | 'always' | 'never';
  scopes: readonly string[];
  /** Sent with every authorization request. */
  authorizationParameters: Parameters;
  /** Names of parameters that a link may add to its authorization request. */
  linkParameters: readonly string[];
  audience: string | null;
  /** Both are of the first API; the address is without a trailing slash. */
  apiBaseUrl: string;
  apis: readonly [Api, ...Api[]];
  /**
   * Where users are signed out at the authorization server, with places to fill in; null: the metadata says.
   */
  logoutUrl: string | null;
  sessionLifetimeSec: number;
  sessionIdleSec: number;
  /** Cookies have no lifetime then: the browser forgets them when it is closed. */
  endsWithBrowser: boolean;
  /** What the names of all cookies begin with, without `__Host-`. */
  cookieName: string;
  /** Sessions that began earlier are rejected; milliseconds since the epoch. */
  sessionsNotBeforeMs: number | null;
  redisUrl: string | null;
  revocationCheck: 'open' | 'closed';
  isBackchannelLogoutOn: boolean;
  /** The only algorithm of ID tokens and logout tokens; null for any of the safe ones. */
  signingAlgorithm: string | null;
  /** How many entries at the end of `X-Forwarded-For` were written by trusted proxies. */
  trustedProxyHops: number;
  /** Hosts, with their port if they have one, whose pages are redirected to `appOrigin`. */
  redirectedHosts: readonly string[];
  /** Value of `Strict-Transport-Security`; null over http, where browsers ignore it. */
  strictTransportSecurity: string | null;
  keepAliveMs: number;
  /** Through which every request to the authorization server and the API leaves; null: directly. */
  egressProxyUrl: string | null;
  rateLimitPerMinute: number;
  logLevel: string;
  demoAccounts: readonly { email: string; password: string }[];
};

type Environment = Readonly<Record<string, string | undefined>>;
export type ParsedConfig = { kind: 'ok'; config: Config } | { kind: 'problems'; problems: ConfigProblem[] };

/** @param builtBasePath '' for a build at the root of its host */
export function parseConfig(env: Environment, declared: DeclaredVariables, builtBasePath = ''): ParsedConfig {
  const written = readVariables(env, declared);
  const parsed = environmentSchema.safeParse(written);
  const problems = [
    ...(parsed.error?.issues.map(describeIssue) ?? []),
    ...findApiProblems(written, declared),
    ...findBasePathProblems(written, declared, builtBasePath),
    ...findContradictions(written),
  ];
  if (problems.length > 0 || !parsed.success) return { kind: 'problems', problems };
  const apis = listApis(written, declared) as [Api, ...Api[]];
  const values = parsed.data;
  const appUrl = new URL(values.AUTH_URL);
  const isHttps = appUrl.protocol === 'https:';
  return {
    kind: 'ok',
    config: {
      appOrigin: appUrl.origin,
      appUrl: appUrl.href.replace(/\/$/, ''),
      isHttps,
      secrets: values.AUTH_SECRET,
      issuer: values.AUTH_ISSUER,
      issuerInternalUrl: values.AUTH_ISSUER_INTERNAL_URL ?? null,
      endpoints: readEndpoints(written),
      clientId: values.AUTH_CLIENT_ID,
      clientSecret: values.AUTH_CLIENT_SECRET,
      clientAuthentication: values.AUTH_CLIENT_AUTH,
      pushedRequests: values.AUTH_PAR,
      dpop: values.AUTH_DPOP,
      scopes: values.AUTH_SCOPES,
      authorizationParameters: values.AUTH_AUTHORIZATION_PARAMS ?? {},
      linkParameters: values.AUTH_LINK_PARAMS ?? [],
      audience: values.AUTH_AUDIENCE ?? null,
      apiBaseUrl: apis[0].baseUrl,
      apis,
      logoutUrl: values.AUTH_LOGOUT_URL ?? null,
      sessionLifetimeSec: values.SESSION_MAX_HOURS * 3600,
      sessionIdleSec: values.SESSION_IDLE_MINUTES * 60,
      endsWithBrowser: values.SESSION_ENDS_WITH_BROWSER === 'yes',
      cookieName: nameCookies(values.COOKIE_NAME, appUrl),
      sessionsNotBeforeMs: values.SESSIONS_NOT_BEFORE ?? null,
      redisUrl: values.REDIS_URL ?? null,
      revocationCheck: values.REVOCATION_CHECK,
      isBackchannelLogoutOn: isBackchannelLogoutOn(values.AUTH_BACKCHANNEL_LOGOUT, values.REDIS_URL),
      signingAlgorithm: values.AUTH_SIGNING_ALG === 'any' ? null : values.AUTH_SIGNING_ALG,
      trustedProxyHops: countTrustedProxies(values.TRUSTED_PROXY_HOPS, isHttps),
      redirectedHosts: values.REDIRECTED_HOSTS ?? [],
      strictTransportSecurity: isHttps ? values.HSTS : null,
      keepAliveMs: values.KEEP_ALIVE_TIMEOUT,
      egressProxyUrl: values.EGRESS_PROXY_URL ?? null,
      rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
      logLevel: values.LOG_LEVEL,
      demoAccounts: values.DEMO_ACCOUNTS ?? [],
    },
  };
}

/**
 * Without Redis, one instance cannot revoke the sessions that another one serves, so the operator must say
 * that there is only one.
 */
function isBackchannelLogoutOn(choice: string, redisUrl: string | undefined): boolean {
  return choice === 'single-instance' || (choice === 'with-redis' && redisUrl !== undefined);
}

/**
 * The application itself speaks plain HTTP, so a public https address means that one proxy stands in front of
 * it.
 */
function countTrustedProxies(choice: 'auto' | number, isHttps: boolean): number {
  if (choice !== 'auto') return choice;
  return isHttps ? 1 : 0;
}

/**
 * Ports and paths of one host share their cookies (`__Host-` has the path `/`), so two applications there need
 * two names. No two addresses of a host have the same one. @see RFC 6265 §8.5
 */
function nameCookies(choice: string, { port, pathname }: URL): string {
  if (choice !== 'auto') return choice;
  const path = pathname.replace(/\/$/, '').replace(/[-_/]/g, (found) => separators[found] ?? '');
  return port === '' && path === '' ? 'strongroom' : `strongroom_${port}${path}`;
}

/** A hyphen stands between the name and what we append to it. A base path has never two of these in a row. */
const separators: Readonly<Record<string, string>> = { '/': '_', '-': '__', _: '___' };

/** Only the variables of the table, empty ones as absent, fallbacks filled in. */
function readVariables(env: Environment, declared: DeclaredVariables): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, fallback } of listVariables(declared)) {
    const value = env[name]?.trim() || readFallback(fallback);
    if (value) values[name] = value;
  }
  return values;
}

/** "not sent" and "none" say that nothing stands in; every other fallback is a value. */
function readFallback(fallback: string | null): string | null {
  return fallback === 'not sent' || fallback === 'none' ? null : fallback;
}

function describeIssue(issue: z.core.$ZodIssue): ConfigProblem {
  return { variable: String(issue.path[0]), problem: issue.message };
}

export const endpointVariables = {
  authorization_endpoint: 'AUTH_AUTHORIZATION_ENDPOINT',
  token_endpoint: 'AUTH_TOKEN_ENDPOINT',
  jwks_uri: 'AUTH_JWKS_URI',
  userinfo_endpoint: 'AUTH_USERINFO_ENDPOINT',
  revocation_endpoint: 'AUTH_REVOCATION_ENDPOINT',
} as const satisfies Record<string, VariableName>;

function readEndpoints(written: Environment): Config['endpoints'] {
  return Object.fromEntries(
    Object.entries(endpointVariables)
      .map(([name, variable]) => [name, written[variable]])
      .filter(([, value]) => value !== undefined),
  );
}
