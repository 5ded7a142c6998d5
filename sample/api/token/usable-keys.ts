/**
 * Picks the keys of a key set that can verify an access token. Bad entries are left out, not fatal; private members are dropped.
 * Pure. @see RFC 7517 §4, RFC 7518 §6
 */
import type { JWK } from 'oauth4webapi';

const maxKeys = 1_000;
// RSA below 2048 bits is refused (RFC 7518 §3.3): 256 bytes are 342 base64url characters.
const minModulusCharacters = 342;
const curves = new Set(['P-256', 'Ed25519']);

const common = ['kty', 'kid', 'alg', 'use'];
const members: Record<string, string[]> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};

export function pickUsableKeys(keySet: unknown): JWK[] {
  const keys = isObject(keySet) ? keySet.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('The key set has no "keys".');
  return keys.slice(0, maxKeys).flatMap((key: unknown) => {
    const usable = isObject(key) ? pickPublicMembers(key) : null;
    return usable ? [usable] : [];
  });
}

function pickPublicMembers(key: Record<string, unknown>): JWK | null {
  const needed = members[String(key.kty)];
  if (!needed || (key.use !== undefined && key.use !== 'sig')) return null;
  if (needed.some((name) => typeof key[name] !== 'string')) return null;
  if (typeof key.n === 'string' && key.n.length < minModulusCharacters) return null;
  if (key.crv !== undefined && !curves.has(String(key.crv))) return null;
  const kept = [...common, ...needed].filter((name) => typeof key[name] === 'string');
  return Object.fromEntries(kept.map((name) => [name, key[name]])) as JWK;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
