/** Makes a signed token that is right by default, and wrong in the way that a case says. @see RFC 7515 */
import { type SigningKey, signWith } from './signing-keys.ts';

export type Claims = Record<string, unknown>;

export type TokenFault = {
  /** Replaces members of the header; a member that is undefined is left out. */
  header?: Record<string, unknown>;
  /** Replaces claims, or makes all of them from the right ones; a claim that is undefined is left out. */
  claims?: Claims | ((right: Claims) => Claims);
  /** Changes the JSON text of the claims, for what an object cannot express. */
  json?: (right: string) => string;
  /** Another key, or a function that makes the signature, instead of the right key. */
  sign?: SigningKey | ((input: string) => string);
  /** Changes the finished token. */
  spoil?: (token: string) => string;
};

export function makeToken(
  key: SigningKey,
  { header, claims }: { header: Record<string, unknown>; claims: Claims },
  fault: TokenFault = {},
): string {
  const change = fault.claims ?? {};
  const changed = typeof change === 'function' ? change(claims) : { ...claims, ...change };
  const text = JSON.stringify(changed);
  const signer = fault.sign ?? key;
  const full = { alg: key.alg, kid: key.kid, ...header, ...fault.header };
  const input = `${encode(JSON.stringify(full))}.${encode(fault.json?.(text) ?? text)}`;
  const signature = typeof signer === 'function' ? signer(input) : signWith(signer, input);
  const token = `${input}.${signature}`;
  return fault.spoil?.(token) ?? token;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
