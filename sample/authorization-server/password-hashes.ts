/**
 * Hashes of passwords, each made when its e-mail address is typed for the first time: many accounts cost no time at the start.
 * An address without an account is treated alike, down to being remembered and forgotten, so time tells nobody which exist.
 */
import { randomBytes } from 'node:crypto';
import type { PasswordHash } from './password.ts';
import { hashPassword } from './password.ts';

/** `password` is null when there is no such account: the answer is then the hash of something that nobody can know. */
export type HashOf = (email: string, password: string | null) => Promise<PasswordHash>;

export function createPasswordHashes(maxAddresses = 1_000, cost?: number): HashOf {
  const hashes = new Map<string, Promise<PasswordHash>>();
  return function hashOf(email, password) {
    const known = hashes.get(email);
    if (known) return known;
    const oldest = hashes.size >= maxAddresses ? hashes.keys().next().value : undefined;
    if (oldest !== undefined) hashes.delete(oldest);
    const made = hashPassword(password ?? randomBytes(16).toString('hex'), cost);
    hashes.set(email, made);
    return made;
  };
}
