/**
 * The private keys of this client in `AUTH_CLIENT_KEYS`: a JWK Set of one or two. The first one signs; the public
 * parts of all are published, so that a server knows the next key before it is used. No sentence here repeats
 * anything of a key.
 * @see RFC 7517 §4 and §5, RFC 7518 §3.1 and §6, RFC 8037 §2
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { isNonEmptyString, isRecord } from '../base/guards';

export type ClientKey = {
  kid: string;
  /** What it can sign with: one algorithm where the key says which. */
  algorithms: readonly string[];
  /** Without `alg`, `use` and the like, which would narrow what it may be imported for. */
  privateJwk: Readonly<Record<string, string>>;
  publicJwk: Readonly<Record<string, string>>;
};

const rsaAlgorithms = ['PS256', 'RS256', 'PS384', 'RS384', 'PS512', 'RS512'];
const edwardsAlgorithms = ['EdDSA', 'Ed25519'];
/** By the curve of the key. */
const curveAlgorithms: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: edwardsAlgorithms,
};
const publicMembers: Readonly<Record<string, readonly string[]>> = {
  EC: ['kty', 'crv', 'x', 'y'],
  OKP: ['kty', 'crv', 'x'],
  RSA: ['kty', 'n', 'e'],
};
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
/** A modulus of 2048 bits in base64url. @see RFC 7518 §3.3 */
const minModulusChars = 342;
const howToMake = 'make one with: npm run keys';

/** @returns the keys, or the second half of a sentence that says what to fix */
export function parseClientKeys(text: string): readonly ClientKey[] | string {
  const list = readSet(text);
  if (list === null) return `is no JWK Set on one line ({"keys":[…]}); ${howToMake}`;
  if (list.length < 1 || list.length > 2) return 'must have one key, or two for a roll-over';
  const keys: ClientKey[] = [];
  for (const [at, entry] of list.entries()) {
    const key = readKey(entry);
    if (typeof key === 'string') return `has no usable key ${at + 1}: it ${key}`;
    keys.push(key);
  }
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length)
    return 'has the same kid twice: each key needs one of its own';
  return keys;
}

function readSet(text: string): unknown[] | null {
  try {
    const set: unknown = JSON.parse(text);
    return isRecord(set) && Array.isArray(set.keys) ? set.keys : null;
  } catch {
    return null;
  }
}

function readKey(jwk: unknown): ClientKey | string {
  if (!isRecord(jwk)) return 'is no JSON object';
  const { kty, kid, use, alg } = jwk;
  if (kty === 'oct') return `is symmetric, and its public part could not be published; ${howToMake}`;
  const members =
    typeof kty === 'string' && Object.hasOwn(publicMembers, kty) ? publicMembers[kty] : undefined;
  if (members === undefined) return 'has a kty other than EC, OKP and RSA';
  if (!isNonEmptyString(jwk.d)) return 'is public only: the private key belongs here (d)';
  if (!isNonEmptyString(kid) || kid.length > 200) return 'has no kid, by which the server finds it';
  if (use !== undefined && use !== 'sig') return 'has another use than sig';
  const fitting = listAlgorithms(jwk);
  if (fitting.length === 0) return 'has a crv other than P-256, P-384, P-521 and Ed25519';
  if (alg !== undefined && !fitting.some((one) => one === alg))
    return `has an alg that does not fit it or is not supported: ${fitting.join(', ')}`;
  if (kty === 'RSA' && String(jwk.n).length < minModulusChars) return 'is an RSA key of less than 2048 bits';
  const publicPart = pick(jwk, members);
  const privateJwk = pick(jwk, [...members, ...privateMembers]);
  if (!isPair(privateJwk, publicPart)) return `is damaged: its parts do not fit together; ${howToMake}`;
  const algorithms = alg === undefined || fitting === edwardsAlgorithms ? fitting : [String(alg)];
  const publicJwk = { ...publicPart, kid, use: 'sig', ...(alg === undefined ? {} : { alg: String(alg) }) };
  return { kid, algorithms, privateJwk, publicJwk };
}

function listAlgorithms({ kty, crv }: Record<string, unknown>): readonly string[] {
  if (kty === 'RSA') return rsaAlgorithms;
  const isOnCurve = typeof crv === 'string' && Object.hasOwn(curveAlgorithms, crv);
  const fitting = isOnCurve ? (curveAlgorithms[crv] ?? []) : [];
  return (fitting === edwardsAlgorithms) === (kty === 'OKP') ? fitting : [];
}

function pick(jwk: Record<string, unknown>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (typeof jwk[name] === 'string' ? [[name, jwk[name]]] : [])),
  );
}

/** Whether what the private part signs is what the public part verifies. */
function isPair(privateJwk: Record<string, string>, publicJwk: Record<string, string>): boolean {
  try {
    const [digest, data] = [
      privateJwk.kty === 'OKP' ? null : 'sha256',
      Buffer.from('a key and its public part'),
    ];
    const signature = sign(digest, data, createPrivateKey({ key: privateJwk, format: 'jwk' }));
    return verify(digest, data, createPublicKey({ key: publicJwk, format: 'jwk' }), signature);
  } catch {
    return false;
  }
}
