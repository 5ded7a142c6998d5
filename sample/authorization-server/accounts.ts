/**
 * Three invented people, and more of them for tests and load. Their passwords come from the installation's secrets.
 */
import type { Account as ProviderAccount } from 'oidc-provider';
import type { SampleSecrets } from '../secrets.ts';
import { listExtraEmails, printNumber } from '../secrets.ts';
import type { SampleSettings } from '../settings.ts';
import { isPassword } from './password.ts';
import { createPasswordHashes } from './password-hashes.ts';

export type Account = {
  /** Stable and opaque: the `sub` of every token. */
  id: string;
  name: string;
  email: string;
};

const demoPeople: readonly Account[] = [
  { id: 'usr_8Kq3vTzW1mXd', name: 'Ada Lindqvist', email: 'ada@strongroom.test' },
  { id: 'usr_p5NfB2yRc7Ha', name: 'Grace Okafor', email: 'grace@strongroom.test' },
  { id: 'usr_Ew9sLj4GtU6o', name: 'Linus Marchetti', email: 'linus@strongroom.test' },
];

export type Accounts = {
  all: readonly Account[];
  /** Those whom the sign-in page offers for trying. */
  demo: readonly Account[];
  findById(id: string): Account | null;
  /** The account whose password this is. An unknown e-mail address costs the same time as a wrong password. */
  findByPassword(email: string, password: string): Promise<Account | null>;
};

export function createAccounts(
  secrets: SampleSecrets,
  { extraAccounts, passwordCost }: SampleSettings,
): Accounts {
  const people = [...demoPeople, ...inventPeople(extraAccounts)];
  for (const { email } of people) requirePassword(secrets, email);
  const hashOf = createPasswordHashes(1_000, passwordCost);
  return {
    all: people,
    demo: demoPeople,
    findById: (id) => people.find((person) => person.id === id) ?? null,
    async findByPassword(email, password) {
      const person = people.find((candidate) => candidate.email === email) ?? null;
      const hash = await hashOf(email, person && requirePassword(secrets, person.email));
      return (await isPassword(hash, password)) ? person : null;
    },
  };
}

function inventPeople(count: number): Account[] {
  return listExtraEmails(count).map((email, index) => {
    const number = printNumber(index + 1);
    return { id: `usr_extra${number}`, name: `User ${number}`, email };
  });
}

function requirePassword(secrets: SampleSecrets, email: string): string {
  const password = secrets.passwords[email];
  if (password) return password;
  throw new Error(`The demo secrets hold no password for ${email}. Remove secrets.json to make new ones.`);
}

/** The form in which e-mail addresses are compared and counted. */
export function normalizeEmail(typed: string): string {
  return typed.trim().toLowerCase().slice(0, 254);
}

/** Claims for oidc-provider, which picks those that the granted scopes cover. @see OpenID Connect Core §5.1 */
export function toProviderAccount({ id, name, email }: Account, issuer: string): ProviderAccount {
  const picture = `${issuer}${picturePath(id)}`;
  return {
    accountId: id,
    claims: () => ({ sub: id, name, picture, email, email_verified: true }),
  };
}

export function picturePath(id: string): string {
  return `/pictures/${id}.svg`;
}
