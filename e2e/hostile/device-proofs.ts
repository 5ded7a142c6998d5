/** What is wrong with a proof at a registration, and at a renewal. */
import { generateKeyPairSync } from 'node:crypto';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { registrationProof } from '../../lib/strongroom/testing/test-device.ts';
import { forgeStamp } from '../support/device.ts';
import type { DeviceWorld } from './device-world.ts';
import { encode, everywhere, type ForgedProof, signedHeader, withHeader } from './forged-proofs.ts';

export const listRegistrationProofs = (world: () => DeviceWorld): ForgedProof[] => [
  ...everywhere,
  ['has no key', 'proof_key', signedHeader({ jwk: undefined })],
  ['has a text as its key', 'proof_key', signedHeader({ jwk: 'key' })],
  ['has a symmetric key', 'proof_key', signedHeader({ jwk: { kty: 'oct', k: 'AA' } })],
  [
    'has a key with its private part',
    'proof_key',
    signedHeader({
      jwk: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    }),
  ],
  [
    'has a key on P-384',
    'proof_key',
    signedHeader({
      jwk: generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }),
    }),
  ],
  [
    'has a point beside the curve',
    'proof_key',
    ({ by, ...signed }) => signedHeader({ jwk: { ...by.jwk, y: by.jwk.x } })({ by, ...signed }),
  ],
  ['has an RSA key, and says ES256', 'proof_key', (signed) => signedHeader({ jwk: world().rsa.jwk })(signed)],
  ['has an EC key, and says RS256', 'proof_key', withHeader({ alg: 'RS256' })],
  [
    'has an RSA key of 1,024 bits',
    'proof_key',
    ({ challenge }) => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
      const jwk = publicKey.export({ format: 'jwk' });
      return `${encode({ alg: 'RS256', typ: 'dbsc+jwt', jwk })}.${encode({ jti: challenge })}.AA`;
    },
  ],
  [
    'has an RSA key with the exponent 3',
    'proof_key',
    ({ challenge }) => {
      const header = { alg: 'RS256', typ: 'dbsc+jwt', jwk: { ...world().rsa.jwk, e: 'Aw' } };
      return world().rsa.sign(header, { jti: challenge });
    },
  ],
  [
    'is signed by another key than it brings',
    'proof_signature',
    ({ challenge, by }) => world().other.sign({ jwk: by.jwk }, { jti: challenge }),
  ],
  [
    'has the challenge of a renewal',
    'challenge_invalid',
    async ({ by }) => registrationProof(by, await world().newChallenge()),
  ],
  [
    'has a challenge in which the session is another',
    'challenge_invalid',
    ({ challenge, by }) =>
      registrationProof(by, challenge.replace(/^(\d+\.[^.]+\.)[^.]+/, `$1${world().neighbour.sessionId}`)),
  ],
  [
    'has a challenge that expired',
    'challenge_expired',
    ({ by }) =>
      registrationProof(
        by,
        forgeStamp('registration_challenge', world().stack.secrets.appSecret, {
          content: `${'n'.repeat(22)}.${world().neighbour.sessionId}.${nowSec() + 60}.pseudonym`,
          endsAtSec: nowSec() - 1,
        }),
      ),
  ],
  [
    'is for a session that is bound, by the challenge of another sign-in',
    'already_bound',
    ({ by }) =>
      registrationProof(
        by,
        forgeStamp('registration_challenge', world().stack.secrets.appSecret, {
          content: `${'o'.repeat(22)}.${world().bound.sessionId}.${nowSec() + 60}.pseudonym`,
        }),
      ),
  ],
];

export const listRenewalProofs = (world: () => DeviceWorld): ForgedProof[] => [
  ...everywhere.filter(([, reason]) => reason !== 'proof_missing'),
  [
    'is signed by another key',
    'proof_signature',
    ({ challenge }) => world().other.sign({}, { jti: challenge }),
  ],
  ['brings its own key', 'proof_key', ({ challenge }) => registrationProof(world().other, challenge)],
  ['brings the right key', 'proof_key', ({ challenge, by }) => registrationProof(by, challenge)],
  [
    'says RS256 for a session of ES256',
    'proof_alg',
    ({ challenge }) => world().rsa.sign({}, { jti: challenge }),
  ],
  [
    'has a challenge of another session',
    'challenge_invalid',
    async ({ by }) => by.sign({}, { jti: await world().newChallenge(world().neighbour) }),
  ],
  [
    'has the challenge of a registration',
    'challenge_invalid',
    ({ by }) => by.sign({}, { jti: world().unbound.challenge }),
  ],
  [
    'has a challenge that expired',
    'challenge_expired',
    ({ by }) =>
      by.sign(
        {},
        {
          jti: forgeStamp('renewal_challenge', world().stack.secrets.appSecret, {
            content: 'p'.repeat(22),
            about: world().bound.sessionId,
            endsAtSec: nowSec() - 1,
          }),
        },
      ),
  ],
];
