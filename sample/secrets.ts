/**
 * Secrets of one installation of the demo: made at random the first time, kept in the state folder (mode 0600), never shipped.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type SampleSecrets = {
  clientId: string;
  clientSecret: string;
  /** Seals the application's cookies in the demo (`AUTH_SECRET`). */
  appSecret: string;
  /** Signs the authorization server's own cookies. */
  authorizationServerCookieKey: string;
  /** Passwords of the demo accounts, by e-mail address. */
  passwords: Record<string, string>;
};

export const sampleAccountEmails = [
  'ada@strongroom.test',
  'grace@strongroom.test',
  'linus@strongroom.test',
] as const;

export function readOrCreateSecrets(stateFolder: string): SampleSecrets {
  const file = join(stateFolder, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SampleSecrets;
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const secrets = createSecrets();
  // Written beside and renamed: two servers that start at once never read half a file.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(draft, file);
  return JSON.parse(readFileSync(file, 'utf8')) as SampleSecrets;
}

function createSecrets(): SampleSecrets {
  const passwords = sampleAccountEmails.map((email) => [email, createPassword()] as const);
  return {
    clientId: 'strongroom-demo',
    clientSecret: randomBytes(32).toString('base64url'),
    appSecret: randomBytes(32).toString('base64url'),
    authorizationServerCookieKey: randomBytes(32).toString('base64url'),
    passwords: Object.fromEntries(passwords),
  };
}

const syllables = ['ba', 'de', 'fi', 'go', 'ku', 'la', 'me', 'ni', 'po', 'ra', 'se', 'ti', 'vo', 'zu'];

/** Easy to type, 12 of 14 syllables: about 45 bits, enough for a rate-limited page on loopback. */
function createPassword(): string {
  const word = () => Array.from({ length: 3 }, () => syllables[randomInt(syllables.length)]).join('');
  return Array.from({ length: 4 }, word).join('-');
}
