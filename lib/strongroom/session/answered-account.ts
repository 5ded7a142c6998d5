/**
 * The account that answered in place of the one that was asked for, sealed: it travels in the address of the
 * page that names both, so no other site can put words on that page.
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
const answeredSchema = z.object({
  /** Pseudonym of the user who asked: it is shown to no other. */
  owner: z.string().min(1),
  account: accountSchema,
});

/** As much of a user as tells two accounts apart. */
export type Account = z.infer<typeof accountSchema>;

export function sealAnsweredAccount(owner: string, { name, email, subject }: User): Promise<string> {
  const answered = { owner, account: { name, email, subject } };
  return seal('answered_account', answered, cookieLifetimes.pendingSec);
}

/** The account, or null when the text is not ours, too old or for another user. */
export async function openAnsweredAccount(text: string | null, owner: string): Promise<Account | null> {
  if (text === null) return null;
  const data = await unseal('answered_account', text, cookieLifetimes.pendingSec);
  const answered = answeredSchema.safeParse(data).data;
  return answered?.owner === owner ? answered.account : null;
}
