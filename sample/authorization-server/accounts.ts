/**
 * Three invented people. Their passwords come from the installation's secrets and are kept as hashes once read.
 */
import { randomBytes } from 'node:crypto';
import type { Account as ProviderAccount } from 'oidc-provider';
import type { SampleSecrets } from '../secrets.ts';
import type { PasswordHash } from './password.ts';
import { hashPassword, isPassword } from './password.ts';

export type Account = {
  /** Stable and opaque: the `sub` of every token. */
  id: string;
  name: string;
  email: string;
};

const people: readonly Account[] = [
  { id: 'usr_8Kq3vTzW1mXd', name: 'Ada Lindqvist', email: 'ada@strongroom.test' },
  { id: 'usr_p5NfB2yRc7Ha', name: 'Grace Okafor', email: 'grace@strongroom.test' },
  { id: 'usr_Ew9sLj4GtU6o', name: 'Linus Marchetti', email: 'linus@strongroom.test' },
];

export type Accounts = {
  all: readonly Account[];
  findById(id: string): Account | null;
  /** The account whose password this is. An unknown e-mail address costs the same time as a wrong password. */
  findByPassword(email: string, password: string): Promise<Account | null>;
};

export async function createAccounts(secrets: SampleSecrets): Promise<Accounts> {
  const decoy = await hashPassword(randomBytes(16).toString('hex'));
  const hashes = new Map<string, PasswordHash>();
  for (const { email } of people) {
    const password = secrets.passwords[email];
    if (!password)
      throw new Error(
        `The demo secrets hold no password for ${email}. Remove secrets.json to make new ones.`,
      );
    hashes.set(email, await hashPassword(password));
  }
  return {
    all: people,
    findById: (id) => people.find((person) => person.id === id) ?? null,
    async findByPassword(email, password) {
      const isRight = await isPassword(hashes.get(email) ?? decoy, password);
      return isRight ? (people.find((person) => person.email === email) ?? null) : null;
    },
  };
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
