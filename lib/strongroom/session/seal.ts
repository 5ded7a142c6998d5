/**
 * Sealing and opening texts: the only file that knows iron-session. A seal is encrypted and authenticated,
 * bound to one purpose by its key, and carries its own end. A text that is not an intact seal is rejected
 * with a reason; it never causes an exception.
 */
import 'server-only';
import { sealData, type UnsealErrorReason, unsealData } from 'iron-session';
import { keysFor, type Purpose, sealingKeysFor } from './keys';

/**
 * Longest seal worth opening, in characters: cookies are shorter, and the store holds nothing longer than ten
 * tokens of 64,000 characters, which is those of nine APIs and the refresh token.
 */
const maxSealChars = 1_000_000;
/**
 * Version, seven components in base64url, version marker. Decoding forgives spaces, padding and unused bits
 * at the end of the signature, and what follows the marker is ignored. This pattern forgives nothing, so
 * every seal has exactly one text.
 */
const sealShape = /^Fe26\.2(?:\*[\w-]*){6}\*[\w-]{42}[AEIMQUYcgkosw048]~2$/;

/**
 * `unknown_secret`: the seal names a secret that is not configured. `seal_invalid`: forged, cut, or made with
 * another secret.
 */
export type SealProblem = 'unknown_secret' | 'seal_expired' | 'seal_invalid';
export type OpenedSeal = { kind: 'opened'; data: unknown } | { kind: 'rejected'; reason: SealProblem };

const problemOf: Record<UnsealErrorReason, SealProblem> = {
  'unknown-password': 'unknown_secret',
  expired: 'seal_expired',
  invalid: 'seal_invalid',
};

export async function seal(purpose: Purpose, data: object, lifetimeSec: number): Promise<string> {
  return sealData(data, { password: sealingKeysFor(purpose), ttl: lifetimeSec });
}

export async function openSeal(purpose: Purpose, text: string, lifetimeSec: number): Promise<OpenedSeal> {
  if (text.length > maxSealChars || !sealShape.test(text))
    return { kind: 'rejected', reason: 'seal_invalid' };
  const problems: SealProblem[] = [];
  const data = await unsealData<unknown>(text, {
    password: keysFor(purpose),
    ttl: lifetimeSec,
    onUnsealError: (reason) => problems.push(problemOf[reason]),
  });
  const [reason] = problems;
  return reason === undefined ? { kind: 'opened', data } : { kind: 'rejected', reason };
}

/** @returns the sealed data, or null when the text is not a seal of ours for this purpose, or past its end */
export async function unseal(purpose: Purpose, text: string, lifetimeSec: number): Promise<unknown> {
  const opened = await openSeal(purpose, text, lifetimeSec);
  return opened.kind === 'opened' ? opened.data : null;
}

/**
 * When the seal says that it ends, in milliseconds since the epoch; 0 for any other text. Nothing is opened
 * or verified: the time orders cookies by age and decides nothing else.
 */
export function readSealEndMs(text: string): number {
  return sealShape.test(text) ? Number(text.split('*')[5]) : 0;
}
