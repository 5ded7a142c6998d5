/**
 * scrypt, salted per password, compared in constant time.
 * The cost (N = 2^15, r = 8: 32 MB, about 0.1 s) suits passwords that were drawn at random, as those of the demo are.
 */
import type { ScryptOptions } from 'node:crypto';
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const cost: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const keyBytes = 32;

export type PasswordHash = { salt: Buffer; key: Buffer };

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt, key: await deriveKey(password, salt) };
}

export async function isPassword(hash: PasswordHash, typed: string): Promise<boolean> {
  return timingSafeEqual(hash.key, await deriveKey(typed, hash.salt));
}

function deriveKey(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
