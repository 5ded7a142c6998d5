/**
 * Nonces that servers want in DPoP proofs: the newest of each origin is remembered by this process and put
 * into the next proof. A nonce belongs to a server and to no session.
 * @see RFC 9449 §8.2 (authorization server) and §9 (resource server)
 */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { isRecord } from '../base/guards';
import { processSingleton } from '../base/process-singleton';

const maxOrigins = 100;
const keptMs = 24 * 3_600_000;
/** Of an origin that has responded, and never with a nonce. */
const without = '';
// RFC 9449 §8.1: nonce = 1*NQCHAR; honest ones are short.
const nonceShape = /^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/;

export function readNonce(origin: string): string | null {
  return memory().get(origin) || null;
}

/** Every response may bring a new one. @param used the one of its request, which stands if there is none */
export function noteNonce(origin: string, response: Response, used: string | null = null): void {
  const nonce = nonceOf(response) ?? used;
  if (nonce !== null || memory().get(origin) === null) memory().set(origin, nonce ?? without, keptMs);
}

/** Whether a first request may be rejected for its nonce: nothing is known of the server, or that it has them. */
export function mayRequireNonce(origin: string): boolean {
  return memory().get(origin) !== without;
}

/**
 * The nonce without which the server does not take the request. null: it takes it, or rejects it for another
 * reason, or brings no nonce to use. An API says so with 401 in a header, and no body of it is read here: it
 * may be long, or never end.
 * @param isTokenEndpoint whose 400 says so in its body, which is whole and bounded. @see RFC 9449 §8 and §9
 */
export async function findRequiredNonce(
  response: Response,
  isTokenEndpoint: boolean,
): Promise<string | null> {
  const nonce = nonceOf(response);
  if (nonce === null) return null;
  if (response.status === 401)
    return isNonceRequired(response.headers.get('www-authenticate')) ? nonce : null;
  if (response.status !== 400 || !isTokenEndpoint) return null;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return isRecord(body) && body.error === 'use_dpop_nonce' ? nonce : null;
}

/** Schemes are written in any case. A wrong guess costs one more request. @see RFC 9110 §11.1 */
function isNonceRequired(challenge: string | null): boolean {
  return /\bdpop\b/i.test(challenge ?? '') && /\berror\s*=\s*"?use_dpop_nonce\b/.test(challenge ?? '');
}

function nonceOf({ headers }: Response): string | null {
  return nonceShape.exec(headers.get('dpop-nonce') ?? '')?.[0] ?? null;
}

function memory(): BoundedMap<string> {
  return processSingleton('dpop-nonces', () => new BoundedMap<string>(maxOrigins));
}
