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

/** `user001@strongroom.test` and so on: people for tests and load, whom no page offers. */
export function listExtraEmails(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `user${printNumber(index + 1)}@strongroom.test`);
}

/** Three digits, so that names sort. */
export function printNumber(value: number): string {
  return String(value).padStart(3, '0');
}

/** Passwords of extra people are added to secrets that are there already; the rest of them stays as it is. */
export function readOrCreateSecrets(stateFolder: string, extraAccounts = 0): SampleSecrets {
  const file = join(stateFolder, 'secrets.json');
  const kept = existsSync(file) ? readSecrets(file) : null;
  const secrets = kept ?? createSecrets();
  const missing = listExtraEmails(extraAccounts).filter((email) => !secrets.passwords[email]);
  if (kept && missing.length === 0) return kept;
  for (const email of missing) secrets.passwords[email] = createPassword();
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  return writeSecrets(file, secrets);
}

function readSecrets(file: string): SampleSecrets {
  return JSON.parse(readFileSync(file, 'utf8')) as SampleSecrets;
}

function writeSecrets(file: string, secrets: SampleSecrets): SampleSecrets {
  // Written beside and renamed: two servers that start at once never read half a file.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(draft, file);
  return readSecrets(file);
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
