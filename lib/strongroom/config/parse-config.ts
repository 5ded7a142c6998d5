/** Turns environment variables into a `Config`, or into the whole list of what is wrong; they are passed in. Pure. */
import type { z } from 'zod';
import { type Api, listApis } from './apis';
import type { Parameters } from './authorization-parameters';
import type { ClientAuthentication } from './client-authentication';
import type { ConfigProblem } from './config-problem';
import {
  findApiProblems,
  findBasePathProblems,
  findClientProblems,
  findContradictions,
} from './config-problems';
import { nameCookies } from './cookie-name';
import { environmentSchema } from './environment-schema';
import { describeProvider, type Provider, readVariables } from './read-variables';
import { unfoldPem } from './redis-identity';
import type { NumberedSecrets } from './secrets';
import { findProfileProblems, readSecuritySettings, type SecuritySettings } from './security-profile';
import { endpointVariables } from './server-address-variables';
import { readTelemetrySettings, type TelemetrySettings } from './telemetry-settings';
import type { DeclaredVariables } from './variables';

export type Config = SecuritySettings &
  TelemetrySettings & {
    /** Origin, without a trailing slash. */
    appOrigin: string;
    /** The origin and the base path, without a trailing slash: where users find the application. */
    appUrl: string;
    isHttps: boolean;
    secrets: NumberedSecrets;
    /** What is known of the authorization server, and what stands in for variables for that reason. */
    provider: Provider;
    issuer: string;
    /** Where requests of ours to the issuer go, if that is elsewhere; http is allowed there. */
    issuerInternalUrl: string | null;
    /** Addresses of the authorization server that take the place of those in its metadata. */
    endpoints: Readonly<Partial<Record<keyof typeof endpointVariables, string>>>;
    clientId: string;
    clientSecret: string | null;
    /** Where the platform keeps a token that proves who this client is. */
    clientAssertionFile: string | null;
    clientAuthentication: ClientAuthentication | 'auto';
    scopes: readonly string[];
    /** Sent with every authorization request. */
    authorizationParameters: Parameters;
    /** Names of parameters that a link may add to its authorization request. */
    linkParameters: readonly string[];
    audience: string | null;
    /** `scope`: the scopes of a token request say which API it is for. */
    audienceAs: 'audience' | 'resource' | 'both' | 'scope' | 'none';
    accountPrompt: 'auto' | 'login' | 'select_account';
    /** With which the server offers to create an account; null: not offered. */
    signUpParameters: Parameters | null;
    /** By claim, the member of the userinfo response of a server without ID tokens; null: it has them. */
    userClaims: Readonly<Record<string, string>> | null;
    /** Of an access token, where the server does not say. */
    assumedLifetimeSec: number;
    /** This and `audience` are of the first API; the address is without a trailing slash. */
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
    /** Over http nothing is bound, whatever this says. */
    sessionBinding: 'off' | 'offer' | 'require';
    /** For how long a bound cookie proves that its browser holds the key. */
    bindingLifetimeSec: number;
    /** What the names of all cookies begin with, without `__Host-`. */
    cookieName: string;
    /** Sessions that began earlier are rejected; milliseconds since the epoch. */
    sessionsNotBeforeMs: number | null;
    redisUrl: string | null;
    /** Certificate and private key (PEM) for Redis. */
    redisIdentity: string | null;
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
    /** From SIGTERM until the listener closes. */
    shutdownDelayMs: number;
    /** Through which every request to the authorization server and the API leaves; null: directly. */
    egressProxyUrl: string | null;
    rateLimitPerMinute: number;
    /** With which Next encrypts what pages hold for their actions; null: that of the secrets. */
    actionKey: string | null;
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
    ...findClientProblems(written),
    ...findApiProblems(written, declared),
    ...findBasePathProblems(written, declared, builtBasePath),
    ...findContradictions(written),
    ...findProfileProblems(written),
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
      provider: describeProvider(env, declared),
      issuer: values.AUTH_ISSUER,
      issuerInternalUrl: values.AUTH_ISSUER_INTERNAL_URL ?? null,
      endpoints: readEndpoints(written),
      clientId: values.AUTH_CLIENT_ID,
      clientSecret: values.AUTH_CLIENT_SECRET ?? null,
      clientAssertionFile: values.AUTH_CLIENT_ASSERTION_FILE ?? null,
      clientAuthentication: values.AUTH_CLIENT_AUTH,
      ...readSecuritySettings(values),
      scopes: values.AUTH_SCOPES,
      authorizationParameters: values.AUTH_AUTHORIZATION_PARAMS ?? {},
      linkParameters: values.AUTH_LINK_PARAMS ?? [],
      audience: values.AUTH_AUDIENCE ?? null,
      audienceAs: values.AUTH_AUDIENCE_AS,
      accountPrompt: values.AUTH_ACCOUNT_PROMPT,
      signUpParameters: values.AUTH_SIGN_UP_PARAMS ?? null,
      userClaims: values.AUTH_USER_CLAIMS ?? null,
      assumedLifetimeSec: values.AUTH_TOKEN_LIFETIME,
      apiBaseUrl: apis[0].baseUrl,
      apis,
      logoutUrl: values.AUTH_LOGOUT_URL ?? null,
      sessionLifetimeSec: values.SESSION_MAX_HOURS * 3600,
      sessionIdleSec: values.SESSION_IDLE_MINUTES * 60,
      endsWithBrowser: values.SESSION_ENDS_WITH_BROWSER === 'yes',
      sessionBinding: values.SESSION_BINDING,
      bindingLifetimeSec: values.SESSION_BINDING_LIFETIME,
      cookieName: nameCookies(values.COOKIE_NAME, appUrl),
      sessionsNotBeforeMs: values.SESSIONS_NOT_BEFORE ?? null,
      redisUrl: values.REDIS_URL ?? null,
      redisIdentity: values.REDIS_TLS_CLIENT === undefined ? null : unfoldPem(values.REDIS_TLS_CLIENT),
      revocationCheck: values.REVOCATION_CHECK,
      isBackchannelLogoutOn: isBackchannelLogoutOn(values.AUTH_BACKCHANNEL_LOGOUT, values.REDIS_URL),
      signingAlgorithm: values.AUTH_SIGNING_ALG === 'any' ? null : values.AUTH_SIGNING_ALG,
      trustedProxyHops: countTrustedProxies(values.TRUSTED_PROXY_HOPS, isHttps),
      redirectedHosts: values.REDIRECTED_HOSTS ?? [],
      strictTransportSecurity: isHttps ? values.HSTS : null,
      keepAliveMs: values.KEEP_ALIVE_TIMEOUT,
      shutdownDelayMs: values.SHUTDOWN_DELAY,
      egressProxyUrl: values.EGRESS_PROXY_URL ?? null,
      actionKey: values.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY ?? null,
      rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
      ...readTelemetrySettings(values),
      demoAccounts: values.DEMO_ACCOUNTS ?? [],
    },
  };
}

/** Without Redis, one instance cannot revoke what another one serves: the operator must say that there is one. */
function isBackchannelLogoutOn(choice: string, redisUrl: string | undefined): boolean {
  return choice === 'single-instance' || (choice === 'with-redis' && redisUrl !== undefined);
}

/** The application speaks plain HTTP, so a public https address means that one proxy stands in front. */
function countTrustedProxies(choice: 'auto' | number, isHttps: boolean): number {
  if (choice !== 'auto') return choice;
  return isHttps ? 1 : 0;
}

function describeIssue(issue: z.core.$ZodIssue): ConfigProblem {
  return { variable: String(issue.path[0]), problem: issue.message };
}

function readEndpoints(written: Environment): Config['endpoints'] {
  return Object.fromEntries(
    Object.entries(endpointVariables)
      .map(([name, variable]) => [name, written[variable]])
      .filter(([, value]) => value !== undefined),
  );
}
