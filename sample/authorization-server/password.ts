/**
 * scrypt, salted per password, compared in constant time.
 * The cost (N = 2^15, r = 8: 32 MB, about 0.1 s) suits passwords that were drawn at random, as those of the demo are.
 * Tests, which sign in thousands of times, set a lower one (`SAMPLE_PASSWORD_COST`).
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const options = { r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const keyBytes = 32;

export type PasswordHash = { salt: Buffer; key: Buffer; cost: number };

/** @param cost N of scrypt: a power of two */
export async function hashPassword(password: string, cost = 2 ** 15): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt, key: await deriveKey(password, { salt, cost }), cost };
}

export async function isPassword(hash: PasswordHash, typed: string): Promise<boolean> {
  return timingSafeEqual(hash.key, await deriveKey(typed, hash));
}

function deriveKey(password: string, { salt, cost }: Omit<PasswordHash, 'key'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, { ...options, N: cost }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
