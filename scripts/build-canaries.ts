/**
 * What the environment holds while `npm test` builds: words that must not be found in the build, because
 * configuration comes at run time.
 */
export const buildCanaries: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'AUTH_SECRET',
    'AUTH_CLIENT_SECRET',
    'AUTH_CLIENT_ID',
    'AUTH_ISSUER',
    'AUTH_URL',
    'API_BASE_URL',
    'CALENDAR_BASE_URL',
    'REDIS_URL',
    'DEMO_ACCOUNTS',
    'NEXTAUTH_SECRET',
    'DATABASE_URL',
    'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY',
  ].map((name) => [name, `canary-${name.toLowerCase()}-7c1d`]),
);
