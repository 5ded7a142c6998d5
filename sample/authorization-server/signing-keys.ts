/**
 * The keys that sign ID tokens and access tokens (RSA) and one elliptic-curve key published beside them.
 * Made on the first start and kept in the state folder (mode 0600), so that tokens survive a restart.
 */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK, JWKS } from 'oidc-provider';

export function readOrCreateSigningKeys(stateFolder: string): JWKS {
  const file = join(stateFolder, 'signing-keys.json');
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(createSigningKeys()), { mode: 0o600 });
    renameSync(draft, file);
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JWKS;
  } catch (cause) {
    throw new Error(`${file} is damaged. Remove it to make new keys; everyone signs in again.`, { cause });
  }
}

/** The key id is left to oidc-provider, which takes the thumbprint. @see RFC 7638 */
function createSigningKeys(): { keys: JWK[] } {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    keys: [
      { ...rsa.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' },
      { ...curve.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' },
    ],
  };
}
