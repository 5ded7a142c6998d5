/**
 * The sessions of a user, for their own session page: one sealed list for each user, with what a browser
 * called itself and when it signed in. It only informs: sessions are revoked in revocations.ts, listed or
 * not.
 */
import 'server-only';
import { z } from 'zod';
import { nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import { currentStore } from '../store/current-store';
import { listKey } from './revocation-keys';
import { findRevocation, isRevoked } from './revocations';
import { seal, unseal } from './seal';
import type { SealedSession } from './session';

const listedSchema = z.object({
  id: z.string(),
  startedAtMs: z.number().int(),
  endsAtSec: z.number().int(),
  providerSessionId: z.string().nullable(),
  /** Such as "Firefox on Windows"; null when it did not say. */
  browser: z.string().nullable(),
});

export type ListedSession = z.infer<typeof listedSchema>;

const maxListed = 20;

/** @throws AppError `store_unavailable` */
export async function listSession(session: SealedSession, browser: string | null): Promise<void> {
  const { id, startedAtMs, endsAtSec, providerSessionId, user } = session;
  // One callback that is delivered twice is one sign-in.
  const known = (await readList(user)).filter((one) => one.id !== id);
  const listed = [...known, { id, startedAtMs, endsAtSec, providerSessionId, browser }].slice(-maxListed);
  const lifetimeSec = getConfig().sessionLifetimeSec;
  const sealed = await seal('list', { listed }, lifetimeSec);
  await currentStore().set(listKey(user.issuer, user.subject), sealed, lifetimeSec * 1000);
}

/** The user's other sessions that are not revoked, newest first. @throws AppError `store_unavailable` */
export async function listOtherSessions({ id, user }: SealedSession): Promise<ListedSession[]> {
  const others = (await readList(user)).filter((one) => one.id !== id && one.endsAtSec > nowSec());
  const revocations = await Promise.all(others.map((one) => findRevocation({ ...one, user })));
  // Infinity also counts revocations that begin later: a replaced session works for another minute, but is no
  // longer listed.
  return others
    .filter((_, index) => !isRevoked(revocations[index] ?? null, Number.POSITIVE_INFINITY))
    .toReversed();
}

async function readList({ issuer, subject }: SealedSession['user']): Promise<ListedSession[]> {
  const sealed = await currentStore().get(listKey(issuer, subject));
  const data = sealed === null ? null : await unseal('list', sealed, getConfig().sessionLifetimeSec);
  return z.object({ listed: z.array(listedSchema) }).safeParse(data).data?.listed ?? [];
}
