/** Proofs of a device that are none: the right one, with parts replaced by others, and why each is rejected. */
import { type JWK, SignJWT } from 'jose';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import type { Device } from '../../lib/strongroom/testing/test-device.ts';

export const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

type Signed = { challenge: string; by: Device; jwk: JWK | undefined };
export type Proof = (signed: Signed) => string | Promise<string>;
export type ForgedProof = [what: string, reason: string, proof: Proof];

/** The proof as it should be, with parts replaced by others. */
export const withHeader =
  (change: object): Proof =>
  async ({ challenge, by, jwk }) => {
    const right = await by.sign({ ...(jwk && { jwk }) }, { jti: challenge });
    const [header = '', payload, signature] = right.split('.');
    const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), ...change };
    return `${encode(changed)}.${payload}.${signature}`;
  };
export const signedHeader =
  (change: Record<string, unknown>): Proof =>
  ({ challenge, by, jwk }) =>
    by.sign({ ...(jwk && { jwk }), ...change }, { jti: challenge });
const withPayload =
  (payload: (challenge: string) => string | Record<string, unknown>): Proof =>
  ({ challenge, by, jwk }) =>
    by.sign({ ...(jwk && { jwk }) }, payload(challenge));
const withSignature =
  (change: (signature: Buffer) => Buffer | string): Proof =>
  async ({ challenge, by, jwk }) => {
    const right = await by.sign({ ...(jwk && { jwk }) }, { jti: challenge });
    const [header, payload, signature = ''] = right.split('.');
    const changed = change(Buffer.from(signature, 'base64url'));
    return `${header}.${payload}.${typeof changed === 'string' ? changed : changed.toString('base64url')}`;
  };
/** HMAC with the public key as its secret: what a verifier takes that trusts the header. */
const byPublicKey =
  (alg: string): Proof =>
  ({ challenge, by, jwk }) =>
    new SignJWT({ jti: challenge })
      .setProtectedHeader({ alg, typ: 'dbsc+jwt', ...(jwk && { jwk }) })
      .sign(new TextEncoder().encode(JSON.stringify(by.jwk).padEnd(64)));

function toDer(p1363: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, padded.length]), padded]);
  };
  const body = Buffer.concat([integer(p1363.subarray(0, 32)), integer(p1363.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** Wrong wherever a proof is wanted. */
export const everywhere: ForgedProof[] = [
  ['is empty', 'proof_missing', () => ''],
  ['is of 4,001 characters', 'proof_too_large', () => 'a'.repeat(4_001)],
  ['is no JWT', 'proof_malformed', () => 'proof'],
  ['has two parts', 'proof_malformed', () => `${encode({ typ: 'dbsc+jwt' })}.e30`],
  ['has a header that is no JSON', 'proof_malformed', () => `${encode('{')}.e30.AA`],
  ['has a list as its header', 'proof_malformed', () => `${encode([])}.e30.AA`],
  ['has no typ', 'proof_typ', signedHeader({ typ: undefined })],
  ['has the typ JWT', 'proof_typ', signedHeader({ typ: 'JWT' })],
  ['has the typ of DPoP', 'proof_typ', signedHeader({ typ: 'dpop+jwt' })],
  ['has its typ in capitals', 'proof_typ', signedHeader({ typ: 'DBSC+JWT' })],
  [
    'has the alg none and no signature',
    'proof_alg',
    async (signed) => `${(await withHeader({ alg: 'none' })(signed)).replace(/\.[^.]*$/, '')}.`,
  ],
  ['has the alg none and a signature', 'proof_alg', withHeader({ alg: 'none' })],
  ['has the alg NONE', 'proof_alg', withHeader({ alg: 'NONE' })],
  ['has no alg', 'proof_alg', withHeader({ alg: undefined })],
  ['has a list as its alg', 'proof_alg', withHeader({ alg: ['ES256'] })],
  ['has the alg __proto__', 'proof_alg', withHeader({ alg: '__proto__' })],
  ['is an HS256 of the public key', 'proof_alg', byPublicKey('HS256')],
  ['is an HS512 of the public key', 'proof_alg', byPublicKey('HS512')],
  ['says ES384', 'proof_alg', withHeader({ alg: 'ES384' })],
  ['says ES256K', 'proof_alg', withHeader({ alg: 'ES256K' })],
  ['says EdDSA', 'proof_alg', withHeader({ alg: 'EdDSA' })],
  ['says PS256', 'proof_alg', withHeader({ alg: 'PS256' })],
  ['has a signature in DER', 'proof_signature', withSignature(toDer)],
  ['has a signature of zeros', 'proof_signature', withSignature(() => Buffer.alloc(64))],
  ['has half a signature', 'proof_signature', withSignature((signature) => signature.subarray(0, 32))],
  ['has no signature', 'proof_signature', withSignature(() => '')],
  [
    'has a signature with more behind it',
    'proof_signature',
    withSignature((one) => Buffer.concat([one, Buffer.from([0])])),
  ],
  [
    'was signed and then changed',
    'proof_signature',
    async (signed) => {
      const [header, , signature] = (await signedHeader({})(signed)).split('.');
      return `${header}.${encode({ jti: signed.challenge, more: 1 })}.${signature}`;
    },
  ],
  ['has an extension that must be understood', 'proof_signature', withHeader({ crit: ['exp'] })],
  ['has a payload that is not encoded', 'proof_signature', withHeader({ crit: ['b64'], b64: false })],
  ['has no challenge', 'challenge_missing', withPayload(() => ({}))],
  ['has a number as its challenge', 'challenge_missing', withPayload(() => ({ jti: 7 }))],
  ['has a list with its challenge', 'challenge_missing', withPayload((challenge) => ({ jti: [challenge] }))],
  ['has a payload that is no JSON', 'challenge_missing', withPayload(() => 'jti')],
  ['has null as its payload', 'challenge_missing', withPayload(() => 'null')],
  ['has an empty challenge', 'challenge_invalid', withPayload(() => ({ jti: '' }))],
  ['has a challenge that it made up', 'challenge_invalid', withPayload(() => ({ jti: 'c1' }))],
  [
    'has a challenge with a later end',
    'challenge_invalid',
    withPayload((challenge) => ({
      jti: challenge.replace(/^\d+/, String(nowSec() + 9_999)),
    })),
  ],
  [
    'has a challenge that was signed by another key',
    'challenge_invalid',
    withPayload((challenge) => ({
      jti: challenge.replace(/[^.]+$/, 'A'.repeat(43)),
    })),
  ],
];
