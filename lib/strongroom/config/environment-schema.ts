/**
 * The rule for each environment variable: what it must look like, and the second half of the sentence when it
 * does not. Pure.
 */
import { z } from 'zod';
import { findBasePathProblem } from '../base/base-path';
import { parseFixedParameters, parseParameterNames } from './authorization-parameters';
import { clientAuthentications } from './client-authentication';
import { parseClientKeys } from './client-keys';
import { cookieName } from './cookie-name';
import { providerNames } from './provider-presets';
import { findRedisProblem } from './redis-address';
import { findIdentityProblem } from './redis-identity';
import { findActionKeyProblem, parseSecrets } from './secrets';
import { securityProfiles } from './security-profile';
import { telemetryRules } from './telemetry-settings';
import { parseUserClaims } from './user-claims';
import type { VariableName } from './variables';
import { findAddressProblem } from './web-address';

const text = z.string({ error: 'is not set' }).trim().min(1, 'is empty');
const without = (findProblem: (value: string) => string | null) =>
  text.superRefine((value, check) => {
    const problem = findProblem(value);
    if (problem !== null) check.addIssue({ code: 'custom', message: problem });
  });
const addressWith = (isHttpAllowed: boolean) => without((value) => findAddressProblem(value, isHttpAllowed));
const address = addressWith(false);
// RFC 8707 §2: an absolute URI without a fragment. Some servers know their APIs by a plain word.
export const identifier = text.refine(
  (value) => /^[\x21-\x7e]+$/.test(value) && !(URL.canParse(value) && value.includes('#')),
  'must be the API’s identifier without spaces and, as an address, without a fragment, such as https://api.example.com',
);
// As it is written: a URL would resolve dots and encodings of a base path.
const ownAddress = address.refine((value) => {
  const path = value.replace(/^[^:]*:\/\/[^/?#]*/, '');
  return ['', '/'].includes(path) || findBasePathProblem(path) === null;
}, 'must be an origin, such as https://app.example.com, or end with the base path: https://example.com/portal');
/** Paths are appended to it. An issuer has no query (RFC 8414 §2). */
const withoutQuery = (schema: typeof address) =>
  schema.refine((value) => !value.includes('?'), 'must be written without a query (?…)');
export const baseAddress = withoutQuery(address);
/** In a private network, http is allowed by the name of the variable, or by another variable. */
export const innerAddress = withoutQuery(addressWith(true));
const issuer = baseAddress.superRefine((value, check) => {
  const [, base] = /^(.*?)\/\.well-known\//.exec(value) ?? [];
  if (base === undefined) return;
  const message = `is the address of a discovery document; set the issuer that this document names, such as ${base}`;
  check.addIssue({ code: 'custom', message });
});
// Only the query has places: no value changes which server is meant. A query alone is for that of the metadata.
const logoutAddress = text.superRefine((value, check) => {
  const [base = '', query = ''] = value.split('?', 2);
  const problem = value.startsWith('?') ? null : findAddressProblem(base);
  if (problem !== null) check.addIssue({ code: 'custom', message: problem });
  const rest = base + query.replace(/\{(client_id|return_url|id_token|state)\}/g, '');
  if (/[{}\s#]/.test(rest))
    check.addIssue({
      code: 'custom',
      message:
        'may have {client_id}, {return_url}, {id_token} and {state} in its query, and nothing else in braces',
    });
});
/** @param parse gives the value, or what is wrong with it */
const parsedBy = <Value extends object>(parse: (value: string) => Value | string) =>
  text.transform((value, check): Value => {
    const parsed = parse(value);
    if (typeof parsed !== 'string') return parsed;
    check.addIssue({ code: 'custom', message: parsed });
    return z.NEVER;
  });
// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopes = text
  .transform((value) => [...new Set(value.split(/\s+/))])
  .refine(
    (list) => list.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)),
    'has a scope with characters that RFC 6749 §3.3 does not allow',
  );
const clientSecret = text.refine(
  (value) => value.length >= 16 && !/^<.*>$|change.?me/i.test(value),
  'is a placeholder or too short; copy the client secret from your authorization server',
);
const demoAccounts = z
  .string()
  .regex(
    /^([^=,\s]+@[^=,\s]+=[^=,\s]+(,|$))*$/,
    'must look like someone@example.test=password,other@example.test=password',
  )
  .transform((value) =>
    value
      .split(',')
      .filter(Boolean)
      .map((pair) => ({ email: pair.split('=')[0] ?? '', password: pair.split('=')[1] ?? '' })),
  );
const whole = (unit: string, min: number, max: number) =>
  z.coerce
    .number(`must be a number of ${unit}`)
    .int(`must be a whole number of ${unit}`)
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);
// A date without a zone would mean another moment on another host.
const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant with its zone, such as 2026-03-12T14:05:00Z' })
  .transform((value) => Date.parse(value));
// The proxy is asked by host and port alone; user and password go to it in a header of their own.
const proxyAddress = text.refine((value) => {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[?#]/.test(value);
}, 'must be the address of a proxy without a path, such as http://proxy.example.com:3128');
const hostNames = text
  .transform((value) => value.toLowerCase().split(/[\s,]+/))
  .refine(
    (hosts) => hosts.every((host) => /^[a-z\d-]+(?:\.[a-z\d-]+)+(?::\d{1,5})?$/.test(host)),
    'must be names of hosts without https://, such as www.example.com',
  );
// RFC 6797 §6.1
const transportSecurity = text.refine(
  (value) => /^max-age=\d{1,10}(?:; ?includeSubDomains)?(?:; ?preload)?$/i.test(value),
  'must look like max-age=63072000, with ; includeSubDomains and ; preload if wanted',
);

/** How the identifier of the API is sent: by Auth0's parameter, that of RFC 8707, both or neither. */
const audienceNames = ['audience', 'resource', 'both', 'scope', 'none'] as const;

// biome-ignore format: one line is easier to read than ten
const signingAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** One rule for each variable that every application has; addresses of APIs follow `baseAddress`. */
export const environmentSchema = z.object({
  AUTH_URL: ownAddress,
  BASE_PATH: without(findBasePathProblem).optional(),
  AUTH_SECRET: parsedBy(parseSecrets),
  AUTH_PROVIDER: z.enum(providerNames, `must be one of ${providerNames.join(', ')}`),
  AUTH_AUDIENCE_AS: z.enum(audienceNames, `must be one of ${audienceNames.join(', ')}`),
  AUTH_ACCOUNT_PROMPT: z.enum(['auto', 'login', 'select_account'], 'must be auto, login or select_account'),
  AUTH_SIGN_UP_PARAMS: parsedBy(parseFixedParameters).optional(),
  AUTH_USER_CLAIMS: parsedBy(parseUserClaims).optional(),
  AUTH_TOKEN_LIFETIME: whole('seconds', 60, 604_800),
  AUTH_ISSUER: issuer,
  AUTH_ISSUER_INTERNAL_URL: innerAddress.optional(),
  AUTH_AUTHORIZATION_ENDPOINT: address.optional(),
  AUTH_TOKEN_ENDPOINT: address.optional(),
  AUTH_JWKS_URI: address.optional(),
  AUTH_USERINFO_ENDPOINT: address.optional(),
  AUTH_REVOCATION_ENDPOINT: address.optional(),
  AUTH_CLIENT_ID: text.regex(
    /^(?!<.*>$)/,
    'is a placeholder; copy the client id from your authorization server',
  ),
  AUTH_CLIENT_SECRET: clientSecret.optional(),
  AUTH_CLIENT_KEYS: parsedBy(parseClientKeys).optional(),
  AUTH_CLIENT_ASSERTION_FILE: text.startsWith('/', 'must be the path of a file, from the root on').optional(),
  API_OVER_HTTP: z.enum(['loopback', 'private-network'], 'must be loopback or private-network'),
  AUTH_AUDIENCE: identifier.optional(),
  AUTH_SCOPES: scopes,
  AUTH_AUTHORIZATION_PARAMS: parsedBy(parseFixedParameters).optional(),
  AUTH_LINK_PARAMS: parsedBy(parseParameterNames).optional(),
  AUTH_CLIENT_AUTH: z.enum(
    ['auto', ...clientAuthentications],
    `must be auto, or one of ${clientAuthentications.join(', ')}`,
  ),
  SECURITY_PROFILE: z.enum(securityProfiles, 'must be auto, oidc or fapi2'),
  AUTH_PAR: z.enum(
    ['when-offered', 'when-required', 'always'],
    'must be when-offered, when-required or always',
  ),
  AUTH_REQUEST_OBJECT: z.enum(['auto', 'always', 'never'], 'must be auto, always or never'),
  AUTH_DPOP: z.enum(['auto', 'always', 'never'], 'must be auto, always or never'),
  AUTH_LOGOUT_URL: logoutAddress.optional(),
  SESSION_MAX_HOURS: whole('hours', 1, 720),
  SESSION_IDLE_MINUTES: whole('minutes', 5, 43_200),
  SESSION_ENDS_WITH_BROWSER: z.enum(['no', 'yes'], 'must be no or yes'),
  SESSION_BINDING: z.enum(['off', 'offer', 'require'], 'must be off, offer or require'),
  SESSION_BINDING_LIFETIME: whole('seconds', 10, 3_600),
  COOKIE_NAME: cookieName,
  SESSIONS_NOT_BEFORE: instant.optional(),
  REDIS_URL: without(findRedisProblem).optional(),
  REDIS_TLS_CLIENT: without(findIdentityProblem).optional(),
  REVOCATION_CHECK: z.enum(['open', 'closed'], 'must be open or closed'),
  AUTH_BACKCHANNEL_LOGOUT: z.enum(
    ['with-redis', 'single-instance', 'off'],
    'must be with-redis, single-instance or off',
  ),
  AUTH_SIGNING_ALG: z.enum(
    ['any', ...signingAlgorithms],
    `must be any, or one of ${signingAlgorithms.join(', ')}`,
  ),
  TRUSTED_PROXY_HOPS: z.union([z.literal('auto'), whole('proxies', 0, 5)], {
    error: 'must be auto or a whole number of proxies from 0 to 5',
  }),
  REDIRECTED_HOSTS: hostNames.optional(),
  HSTS: transportSecurity,
  KEEP_ALIVE_TIMEOUT: whole('milliseconds', 1_000, 600_000),
  SHUTDOWN_DELAY: whole('milliseconds', 0, 10_000),
  EGRESS_PROXY_URL: proxyAddress.optional(),
  RATE_LIMIT_PER_MINUTE: whole('requests', 10, 1_000_000),
  NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: without(findActionKeyProblem).optional(),
  ...telemetryRules,
  DEMO_ACCOUNTS: demoAccounts.optional(),
} satisfies Record<VariableName, z.ZodType>);
