/**
 * What the bundled servers need to know, from the environment, with defaults that make the demo work.
 * Only `sample/` and the scripts that start it read this; the application meets these servers over HTTP alone.
 */
import { resolve } from 'node:path';

export type SampleSettings = {
  /** Address of the application, without a slash at the end: the client's redirect targets are below it. */
  appUrl: string;
  authorizationServerPort: number;
  /** Where the authorization server listens, when something stands in front of its port; else the same. */
  authorizationServerListenPort: number;
  apiPort: number;
  /** Whose tokens the API takes: the bundled authorization server without a trailing slash, or another. */
  issuer: string;
  /** Identifier of the bundled API: `audience` and `resource` of its access tokens. */
  apiIdentifier: string;
  /** What its tokens name as their audience, if that is not its identifier; the same for the calendar. */
  apiAudience?: string;
  calendarPort: number;
  /** The same of the calendar, the second API: a token for one is worth nothing at the other. */
  calendarIdentifier: string;
  calendarAudience?: string;
  /** A second calendar, for trying three APIs; null when there is none. */
  secondCalendarPort: number | null;
  /** Folder that keeps everything which must survive a restart. */
  stateFolder: string;
  accessTokenLifetimeSec: number;
  refreshTokenLifetimeSec: number;
  /** How old a sign-in may be for what the API holds sensitive. @see RFC 9470 */
  freshSignInSec: number;
  /** The `acr` that the API asks for besides; null when any is good enough. */
  requiredAcr: string | null;
  /** How many invented people there are beside the three of the demo. */
  extraAccounts: number;
  /** Length of a claim that makes access tokens longer, in characters; 0 leaves it out. */
  accessTokenPadding: number;
  rotatesRefreshTokens: boolean;
  /** What a password costs to check: N of scrypt. */
  passwordCost: number;
  /** Where the client wants to be told of sign-outs (OpenID Connect Back-Channel Logout); null when it does not. */
  backchannelLogoutUri: string | null;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export function readSampleSettings(env: Environment = process.env): SampleSettings {
  const authorizationServerPort = readPositiveInteger(env, 'SAMPLE_AS_PORT', 4000);
  const apiPort = readPositiveInteger(env, 'SAMPLE_API_PORT', 4001);
  const calendarPort = readPositiveInteger(env, 'SAMPLE_CALENDAR_PORT', apiPort + 1);
  return {
    appUrl: env.SAMPLE_APP_URL ?? 'http://localhost:3000',
    authorizationServerPort,
    authorizationServerListenPort: readPositiveInteger(env, 'SAMPLE_AS_LISTEN_PORT', authorizationServerPort),
    apiPort,
    issuer: env.SAMPLE_ISSUER || `http://127.0.0.1:${authorizationServerPort}`,
    apiIdentifier: `http://127.0.0.1:${apiPort}`,
    apiAudience: env.SAMPLE_API_AUDIENCE || undefined,
    calendarPort,
    secondCalendarPort: readCount(env, 'SAMPLE_SECOND_CALENDAR_PORT', 65_535) || null,
    calendarIdentifier: `http://127.0.0.1:${calendarPort}`,
    calendarAudience: env.SAMPLE_CALENDAR_AUDIENCE || undefined,
    stateFolder: resolve(env.SAMPLE_STATE_FOLDER ?? '.demo'),
    accessTokenLifetimeSec: readPositiveInteger(env, 'SAMPLE_ACCESS_TOKEN_SEC', 300),
    backchannelLogoutUri: env.SAMPLE_BACKCHANNEL_LOGOUT_URI || null,
    refreshTokenLifetimeSec: readPositiveInteger(env, 'SAMPLE_REFRESH_TOKEN_SEC', 14 * 24 * 3600),
    freshSignInSec: readPositiveInteger(env, 'SAMPLE_FRESH_SIGN_IN_SEC', 300),
    requiredAcr: readAcr(env, 'SAMPLE_REQUIRED_ACR'),
    extraAccounts: readCount(env, 'SAMPLE_EXTRA_ACCOUNTS', 200),
    accessTokenPadding: readCount(env, 'SAMPLE_ACCESS_TOKEN_PADDING', 48_000),
    rotatesRefreshTokens: readYesOrNo(env, 'SAMPLE_ROTATE_REFRESH_TOKENS', true),
    passwordCost: readPositiveInteger(env, 'SAMPLE_PASSWORD_COST', 2 ** 15),
  };
}

/** Identifiers of the calendars: each is an API of its own. */
export function listCalendars({
  calendarIdentifier,
  secondCalendarPort,
}: Pick<SampleSettings, 'calendarIdentifier' | 'secondCalendarPort'>): string[] {
  const second = secondCalendarPort === null ? [] : [`http://127.0.0.1:${secondCalendarPort}`];
  return [calendarIdentifier, ...second];
}

/** The bundled servers are for a developer's own machine. @throws when they are started as a production service. */
export function refuseProduction(env: Environment = process.env): void {
  if (env.NODE_ENV !== 'production' || env.SAMPLE_ALLOW_PRODUCTION === 'demo') return;
  throw new Error(
    'The bundled servers are a demo and do not run with NODE_ENV=production. Point AUTH_ISSUER and API_BASE_URL at your own servers.',
  );
}

function readPositiveInteger(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${name} must be a whole number above 0, not "${text}".`);
  return value;
}

function readCount(env: Environment, name: string, max: number): number {
  const text = env[name] || '0';
  if (/^\d{1,9}$/.test(text) && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be a whole number from 0 to ${max}, not "${text}".`);
}

function readYesOrNo(env: Environment, name: string, fallback: boolean): boolean {
  const text = env[name] || (fallback ? 'yes' : 'no');
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new Error(`${name} must be "yes" or "no", not "${text}".`);
}

/** One value of `acr_values`, which travels in a header: no spaces, quotes or backslashes. */
function readAcr(env: Environment, name: string): string | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  if (/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(text)) return text;
  throw new Error(`${name} must be one word of at most 200 ASCII characters without quotes.`);
}
