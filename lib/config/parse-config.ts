/** Turns environment variables into a `Config`, or into the whole list of what is wrong. Pure: the environment is passed in. */
import { z } from 'zod';
import { type NumberedSecrets, parseSecrets } from './secrets';
import { type VariableName, variables } from './variables';
import { findAddressProblem, isLoopback } from './web-address';

export type Config = {
  /** Origin, without a trailing slash. */
  appOrigin: string;
  isHttps: boolean;
  secrets: NumberedSecrets;
  issuer: string;
  clientId: string;
  clientSecret: string;
  clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  pushedRequests: 'when-required' | 'always';
  scopes: readonly string[];
  audience: string | null;
  /** Without a trailing slash. */
  apiBaseUrl: string;
  sessionLifetimeSec: number;
  logLevel: string;
  demoAccounts: readonly { email: string; password: string }[];
};

export type ConfigProblem = { variable: string; problem: string };
export type ParsedConfig = { kind: 'ok'; config: Config } | { kind: 'problems'; problems: ConfigProblem[] };

const text = z.string({ error: 'is not set' }).trim().min(1, 'is empty');
const address = text.superRefine((value, check) => {
  const problem = findAddressProblem(value);
  if (problem !== null) check.addIssue({ code: 'custom', message: problem });
});
// RFC 8707 §2: an absolute URI without a fragment; `urn:` and `api:` are some.
const identifier = text.refine(
  (value) => URL.canParse(value) && !/[#\s]/.test(value),
  'must be the API’s identifier as an absolute URI without a fragment, such as https://api.example.com',
);
const origin = address.refine(
  (value) => ['', '/'].includes(URL.parse(value)?.pathname ?? '') && !value.includes('?'),
  {
    message: 'must be an origin without a path, such as https://app.example.com',
  },
);
/** Paths are appended to it. @see RFC 8414 §2: an issuer has no query */
const base = address.refine((value) => !value.includes('?'), 'must be written without a query (?…)');
const secretList = text.transform((value, check) => {
  const parsed = parseSecrets(value);
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
  )
  .refine((list) => list.includes('openid'), 'must contain openid: people sign in with OpenID Connect');
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

const schema = z.object({
  AUTH_URL: origin,
  AUTH_SECRET: secretList,
  AUTH_ISSUER: base,
  AUTH_CLIENT_ID: text,
  AUTH_CLIENT_SECRET: clientSecret,
  API_BASE_URL: base,
  AUTH_AUDIENCE: identifier.optional(),
  AUTH_SCOPES: scopes,
  AUTH_CLIENT_AUTH: z.enum(
    ['client_secret_basic', 'client_secret_post'],
    'must be client_secret_basic or client_secret_post',
  ),
  AUTH_PAR: z.enum(['when-required', 'always'], 'must be when-required or always'),
  SESSION_MAX_HOURS: z.coerce
    .number('must be a number of hours')
    .int('must be a whole number of hours')
    .min(1, 'must be at least 1')
    .max(720, 'must be at most 720'),
  LOG_LEVEL: z.enum(
    ['debug', 'info', 'warn', 'error', 'silent'],
    'must be debug, info, warn, error or silent',
  ),
  DEMO_ACCOUNTS: demoAccounts.optional(),
} satisfies Record<VariableName, z.ZodType>);

export function parseConfig(env: Readonly<Record<string, string | undefined>>): ParsedConfig {
  const written = readVariables(env);
  const parsed = schema.safeParse(written);
  const problems = [...(parsed.error?.issues.map(describeIssue) ?? []), ...findContradictions(written)];
  if (problems.length > 0 || !parsed.success) return { kind: 'problems', problems };
  const values = parsed.data;
  return {
    kind: 'ok',
    config: {
      appOrigin: new URL(values.AUTH_URL).origin,
      isHttps: new URL(values.AUTH_URL).protocol === 'https:',
      secrets: values.AUTH_SECRET,
      issuer: values.AUTH_ISSUER,
      clientId: values.AUTH_CLIENT_ID,
      clientSecret: values.AUTH_CLIENT_SECRET,
      clientAuthentication: values.AUTH_CLIENT_AUTH,
      pushedRequests: values.AUTH_PAR,
      scopes: values.AUTH_SCOPES,
      audience: values.AUTH_AUDIENCE ?? null,
      apiBaseUrl: values.API_BASE_URL.replace(/\/+$/, ''),
      sessionLifetimeSec: values.SESSION_MAX_HOURS * 3600,
      logLevel: values.LOG_LEVEL,
      demoAccounts: values.DEMO_ACCOUNTS ?? [],
    },
  };
}

/** Only the variables of the table, empty ones as absent, fallbacks filled in. */
function readVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, fallback } of variables) {
    const value = env[name]?.trim() || (isDescription(fallback) ? undefined : fallback);
    if (value) values[name] = value;
  }
  return values;
}

/** "not sent" and "none" say that nothing stands in; every other fallback is a value. */
function isDescription(fallback: string | null): fallback is null {
  return fallback === null || fallback === 'not sent' || fallback === 'none';
}

function describeIssue(issue: z.core.$ZodIssue): ConfigProblem {
  return { variable: String(issue.path[0]), problem: issue.message };
}

/** Looks at what was written, not at what was parsed: a contradiction is listed even while something else is wrong too. */
function findContradictions(written: Readonly<Record<string, string | undefined>>): ConfigProblem[] {
  const { AUTH_URL = '', AUTH_SECRET = '', AUTH_CLIENT_SECRET, DEMO_ACCOUNTS } = written;
  const problems: ConfigProblem[] = [];
  const isPublic = findAddressProblem(AUTH_URL) === null && !isLoopback(new URL(AUTH_URL));
  if (DEMO_ACCOUNTS !== undefined && isPublic)
    problems.push({
      variable: 'DEMO_ACCOUNTS',
      problem: 'shows passwords on the home page and is for localhost only; remove it',
    });
  const secrets = parseSecrets(AUTH_SECRET);
  if (typeof secrets !== 'string' && secrets.entries.some(({ secret }) => secret === AUTH_CLIENT_SECRET))
    problems.push({
      variable: 'AUTH_SECRET',
      problem: 'must differ from AUTH_CLIENT_SECRET; make one with: npm run secret',
    });
  return problems;
}
