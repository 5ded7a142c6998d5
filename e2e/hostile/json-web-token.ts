/** A signed token, right by default and wrong in whatever way a case says. @see RFC 7515 */
import { type SigningKey, signWith } from './signing-keys.ts';

export type Claims = Record<string, unknown>;

export type TokenFault = {
  /** Put over the header; a member that is undefined is left out. */
  header?: Record<string, unknown>;
  /** Put over the claims, or made from the right ones; a member that is undefined is left out. */
  claims?: Claims | ((right: Claims) => Claims);
  /** Changes the JSON of the claims as text, for what no object can hold. */
  json?: (right: string) => string;
  /** In place of the right key: another one, or whatever makes a signature. */
  sign?: SigningKey | ((input: string) => string);
  /** The last word on the whole token. */
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
