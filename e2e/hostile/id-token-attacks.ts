/** Attacks that change the ID token which comes with a sign-in. */
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import type { Attack } from './attacks.ts';
import type { Claims, TokenFault } from './json-web-token.ts';
import { type SigningKey, signWithSecret } from './signing-keys.ts';

export const by = (key: SigningKey, header: Claims = {}): TokenFault => ({
  sign: key,
  header: { alg: key.alg, kid: key.kid, ...header },
});
export const withSecret = (secret: () => string | Buffer): TokenFault => ({
  header: { alg: 'HS256' },
  sign: (input) => signWithSecret(secret(), input),
});
export const part = (change: (parts: string[]) => string[]): TokenFault => ({
  spoil: (token) => change(token.split('.')).join('.'),
});
/** The token comes from a server whose clock is so many seconds ahead, and is good for two minutes. */
export const shifted = (seconds: number): TokenFault => ({
  claims: (right) => ({
    ...right,
    iat: nowSec() + seconds,
    auth_time: nowSec() + seconds,
    exp: nowSec() + seconds + 120,
  }),
});
export const claiming = (claims: Claims | ((right: Claims) => Claims)): TokenFault => ({ claims });

export const accepted = (row: string, attack: string, idToken: TokenFault | (() => TokenFault)): Attack => ({
  row,
  attack,
  fault: () => ({ idToken: typeof idToken === 'function' ? idToken() : idToken }),
  outcome: 'signed_in',
});
export const rejected = (
  row: string,
  attack: string,
  idToken: TokenFault | (() => TokenFault),
  reason: RegExp,
): Attack => ({ ...accepted(row, attack, idToken), outcome: 'invalid_response', reason });
