/**
 * A complete environment for tests, and a process that remembers nothing of the test before. Test support
 * only.
 */
import { type Declaration, setDeclaration } from '../config/declaration';
import { testDeclaration } from './declaration';

export const goodEnvironment: Readonly<Record<string, string>> = {
  AUTH_URL: 'https://app.example',
  AUTH_SECRET: '1:mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_CLIENT_ID: 'client-1',
  AUTH_CLIENT_SECRET: 'kT5bW9qN2rV7xM4p',
  API_BASE_URL: 'https://api.example',
  LOG_LEVEL: 'silent',
};

/** Makes the next `getConfig` read this environment; a variable set to undefined is left out. */
export function useEnvironment(
  changes: Readonly<Record<string, string | undefined>> = {},
  declaration: Partial<Declaration> = {},
): void {
  forgetProcessSingletons();
  setDeclaration({ ...testDeclaration, ...declaration });
  for (const [name, value] of Object.entries({ ...unset, ...goodEnvironment, ...changes })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

const unset: Record<string, undefined> = {
  BASE_PATH: undefined,
  AUTH_PROVIDER: undefined,
  AUTH_AUDIENCE_AS: undefined,
  AUTH_ACCOUNT_PROMPT: undefined,
  AUTH_SIGN_UP_PARAMS: undefined,
  AUTH_USER_CLAIMS: undefined,
  AUTH_TOKEN_LIFETIME: undefined,
  AUTH_AUDIENCE: undefined,
  AUTH_SCOPES: undefined,
  API_OVER_HTTP: undefined,
  AUTH_ISSUER_INTERNAL_URL: undefined,
  AUTH_AUTHORIZATION_ENDPOINT: undefined,
  AUTH_TOKEN_ENDPOINT: undefined,
  AUTH_JWKS_URI: undefined,
  AUTH_USERINFO_ENDPOINT: undefined,
  AUTH_REVOCATION_ENDPOINT: undefined,
  AUTH_AUTHORIZATION_PARAMS: undefined,
  AUTH_LINK_PARAMS: undefined,
  AUTH_CLIENT_KEYS: undefined,
  AUTH_CLIENT_ASSERTION_FILE: undefined,
  AUTH_CLIENT_AUTH: undefined,
  SECURITY_PROFILE: undefined,
  AUTH_PAR: undefined,
  AUTH_REQUEST_OBJECT: undefined,
  AUTH_DPOP: undefined,
  AUTH_LOGOUT_URL: undefined,
  SESSION_MAX_HOURS: undefined,
  SESSION_IDLE_MINUTES: undefined,
  SESSION_ENDS_WITH_BROWSER: undefined,
  COOKIE_NAME: undefined,
  SESSIONS_NOT_BEFORE: undefined,
  REDIS_URL: undefined,
  REVOCATION_CHECK: undefined,
  AUTH_BACKCHANNEL_LOGOUT: undefined,
  AUTH_SIGNING_ALG: undefined,
  TRUSTED_PROXY_HOPS: undefined,
  REDIRECTED_HOSTS: undefined,
  HSTS: undefined,
  KEEP_ALIVE_TIMEOUT: undefined,
  SHUTDOWN_DELAY: undefined,
  EGRESS_PROXY_URL: undefined,
  RATE_LIMIT_PER_MINUTE: undefined,
  NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: undefined,
  DEMO_ACCOUNTS: undefined,
};

/**
 * A process that was started again: everything that lib/strongroom/base/process-singleton.ts keeps is gone.
 */
export function forgetProcessSingletons(): void {
  const shared = globalThis as { [key: symbol]: unknown };
  for (const key of Object.getOwnPropertySymbols(globalThis))
    if (Symbol.keyFor(key)?.startsWith('strongroom.')) delete shared[key];
  setDeclaration(testDeclaration);
}
