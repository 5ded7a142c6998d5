/**
 * What a 401 of the API says: in which words, and at which time by the API's own clock. Pure.
 * @see RFC 6750 §3, RFC 9110 §6.6.1 (Date)
 */
import { decodeJwt } from 'jose';
import type { TokenSet } from '../session/session';

export type TokenRejection = {
  /** The API's clock when it rejected the token, in seconds since the epoch; null when it does not say. */
  apiTimeSec: number | null;
  /** Words of the API, as they came: for the log alone. */
  error: string | undefined;
  description: string | undefined;
};

/** Beyond this, a time in a token is no matter of two clocks that differ. */
const maxDifferenceSec = 300;

type Challenge = { scheme: string; parameters: { error?: string; error_description?: string } };

export function readTokenRejection(headers: Headers, challenges: readonly Challenge[]): TokenRejection {
  const atMs = Date.parse(headers.get('date') ?? '');
  const ours = challenges.find(({ scheme }) => isTokenScheme(scheme));
  const { error, error_description: description } = ours?.parameters ?? {};
  return { apiTimeSec: Number.isNaN(atMs) ? null : Math.floor(atMs / 1000), error, description };
}

/** Whether a challenge is about an access token, bound to a key or not. @see RFC 6750 §3, RFC 9449 §7.1 */
export function isTokenScheme(scheme: string, isBound = true): boolean {
  return (isBound ? /^(?:bearer|dpop)$/i : /^bearer$/i).test(scheme);
}

/**
 * Seconds until the token has begun by the API's clock, which may be behind that of the server that issued
 * it: until then a fresher token is rejected for the same reason. 0 when its age is not the reason.
 */
export function secondsUntilValid(
  tokens: Pick<TokenSet, 'accessToken' | 'obtainedAtSec'>,
  { apiTimeSec }: TokenRejection,
): number {
  if (apiTimeSec === null) return 0;
  const seconds = beginningOf(tokens) - apiTimeSec;
  return seconds > 0 && seconds <= maxDifferenceSec ? seconds : 0;
}

/** `nbf` and `iat` are read without verification: they decide about nothing but when to ask again. */
function beginningOf({
  accessToken,
  obtainedAtSec,
}: Pick<TokenSet, 'accessToken' | 'obtainedAtSec'>): number {
  const { nbf, iat } = readClaims(accessToken);
  const times = [nbf, iat].filter((time) => typeof time === 'number' && Number.isFinite(time));
  return times.length === 0 ? obtainedAtSec : Math.ceil(Math.max(...(times as number[])));
}

/** For whom the token is, by its own words; undefined when it is opaque. */
export function readTokenAudience(accessToken: string): string | undefined {
  const { aud } = readClaims(accessToken);
  return Array.isArray(aud) ? aud.join(' ') : typeof aud === 'string' ? aud : undefined;
}

function readClaims(accessToken: string): Record<string, unknown> {
  try {
    return decodeJwt(accessToken);
  } catch {
    return {};
  }
}
