/**
 * The variables about sessions: how long they last, where they are kept, and how they end; variables.ts has
 * the type of a row. Pure.
 */
export const sessionVariables = [
  {
    name: 'SESSION_MAX_HOURS',
    purpose: 'Hours after which a user signs in again, whatever they did in between (1 to 720).',
    example: '168',
    fallback: '168',
  },
  {
    name: 'SESSION_IDLE_MINUTES',
    purpose:
      'Minutes without a page opened, a form sent or a request through the gateway after which a user signs in again (5 to 43200).',
    example: '1440',
    fallback: '1440',
  },
  {
    name: 'SESSION_ENDS_WITH_BROWSER',
    purpose: 'Whether closing the browser ends the session: `no`, or `yes` for cookies without a lifetime.',
    example: 'no',
    fallback: 'no',
  },
  {
    name: 'SESSION_BINDING',
    purpose:
      'Sessions bound to a key of the browser’s device (DBSC), over https: `offer` binds the browsers that can, `require` ends the others a minute after their sign-in, `off`.',
    example: 'offer',
    fallback: 'offer',
  },
  {
    name: 'SESSION_BINDING_LIFETIME',
    purpose:
      'Seconds for which a bound browser has proved its key, and a copy of its cookies is of use (10 to 3600). Browsers limit how often they sign: less than 120 is for tests.',
    example: '300',
    fallback: '300',
  },
  {
    name: 'COOKIE_NAME',
    purpose:
      'What the names of all cookies begin with: `auto` is `strongroom`, followed by the port and the base path of AUTH_URL if it has them.',
    example: 'auto',
    fallback: 'auto',
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
      'Redis (6 or later) or Valkey that all instances share: `redis://`, `redis-sentinel://` or `redis-cluster://`, with `rediss` for TLS; without it, one instance keeps it all in memory.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'REDIS_TLS_CLIENT',
    purpose:
      'Certificate and private key, one after the other (PEM, with `\\n` for the ends of lines), for a Redis that asks its clients for one.',
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
      'The one algorithm that ID tokens and logout tokens are signed with: `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `ES512` or `EdDSA`; `any` takes all of these.',
    example: 'any',
    fallback: 'any',
  },
] as const;
