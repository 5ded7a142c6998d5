/**
 * `npm run keys`: makes a private key for AUTH_CLIENT_KEYS, and prints its public part for the authorization server.
 * `-- --alg PS256` chooses the algorithm; `-- --add` reads the key in use from the environment (or from `.env.local`)
 * and prints the lines of a roll-over, in which one of the two keys always is one that the server knows.
 */
import './typescript-sources.ts';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import type { ClientKey } from '../lib/strongroom/config/client-keys.ts';

const { parseClientKeys } = await import('../lib/strongroom/config/client-keys.ts');

type Jwk = Record<string, unknown>;

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 3072 });
const generators: Readonly<Record<string, () => { privateKey: KeyObject }>> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  PS256: rsa,
  RS256: rsa,
};

async function createKey(alg: string): Promise<Jwk> {
  const generate = generators[alg];
  if (generate === undefined) throw new Error(`--alg is one of ${Object.keys(generators).join(', ')}.`);
  const jwk = generate().privateKey.export({ format: 'jwk' });
  return {
    kid: await calculateJwkThumbprint(jwk as Parameters<typeof calculateJwkThumbprint>[0]),
    alg,
    ...jwk,
  };
}

/** The key that signs now: the first one. */
function readCurrentKey(): Jwk {
  if (process.env.AUTH_CLIENT_KEYS === undefined)
    for (const file of ['.env.local', '.env'].filter((name) => existsSync(name))) process.loadEnvFile(file);
  const text = process.env.AUTH_CLIENT_KEYS?.trim() ?? '';
  if (text === '') throw new Error('AUTH_CLIENT_KEYS is not set, so there is nothing to add to.');
  const problem = parseClientKeys(text);
  if (typeof problem === 'string') throw new Error(`AUTH_CLIENT_KEYS ${problem}.`);
  return (JSON.parse(text) as { keys: Jwk[] }).keys[0] ?? {};
}

const line = (...keys: Jwk[]) => `AUTH_CLIENT_KEYS=${JSON.stringify({ keys })}`;

function publicSet(...keys: Jwk[]): string {
  const parsed = parseClientKeys(JSON.stringify({ keys })) as readonly ClientKey[];
  return JSON.stringify({ keys: parsed.map(({ publicJwk }) => publicJwk) }, null, 2);
}

const whereToRegister =
  'For the authorization server: this set, or <AUTH_URL>/.well-known/jwks.json as jwks_uri.';

function describeNew(key: Jwk): string[] {
  return [
    '# Keep this line secret. In a shell it stands within single quotes.',
    line(key),
    '',
    `# ${whereToRegister}`,
    publicSet(key),
  ];
}

function describeRollOver(current: Jwk, next: Jwk): string[] {
  return [
    '# Keep these lines secret. Restart every instance after each.',
    '# 1. The old key signs, and both are published:',
    line(current, next),
    `# ${whereToRegister}`,
    publicSet(current, next),
    '',
    '# 2. When the server knows both (it may keep a set for a day): the new key signs.',
    line(next, current),
    '',
    '# 3. When every instance runs with line 2: the old key is gone.',
    line(next),
  ];
}

try {
  const { values } = parseArgs({ options: { alg: { type: 'string' }, add: { type: 'boolean' } } });
  const current = values.add === true ? readCurrentKey() : null;
  const key = await createKey(values.alg ?? (typeof current?.alg === 'string' ? current.alg : 'ES256'));
  console.log((current === null ? describeNew(key) : describeRollOver(current, key)).join('\n'));
} catch (error) {
  console.error(error instanceof Error ? error.message : 'No key was made.');
  process.exitCode = 1;
}
