/**
 * The account that a sign-in was for in place of the one that was asked for, sealed: it travels in the address
 * of the page that names both, so no other site can put words on that page.
 */
import 'server-only';
import { z } from 'zod';
import { cookieLifetimes } from './cookies';
import { seal, unseal } from './seal';
import type { User } from './session';

const accountSchema = z.object({
  name: z.string().nullable(),
  email: z.string().nullable(),
  subject: z.string(),
});
const otherAccountSchema = z.object({
  /** Pseudonym of the user who asked: it is shown to no other. */
  owner: z.string().min(1),
  account: accountSchema,
});

/** As much of a user as tells two accounts apart. */
export type Account = z.infer<typeof accountSchema>;

export function sealOtherAccount(owner: string, { name, email, subject }: User): Promise<string> {
  const other = { owner, account: { name, email, subject } };
  return seal('other_account', other, cookieLifetimes.pendingSec);
}

/** The account, or null when the text is not ours, too old or for another user. */
export async function openOtherAccount(text: string | null, owner: string): Promise<Account | null> {
  if (text === null) return null;
  const data = await unseal('other_account', text, cookieLifetimes.pendingSec);
  const other = otherAccountSchema.safeParse(data).data;
  return other?.owner === owner ? other.account : null;
}
