/**
 * Sessions that are over before their time, for everybody who holds a copy of their cookie: one session, all of a person, or all of one
 * session at the authorization server. Kept until the sessions would have ended by themselves.
 */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { nowMs } from '../base/clock';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { currentStore } from '../store/current-store';
import { writeOrRetry } from '../store/late-writes';
import type { Store } from '../store/store';
import {
  providerKey,
  type Revocation,
  type RevocationReason,
  readRevocation,
  readUserRevocation,
  sessionKey,
  userKey,
  writeRevocation,
} from './revocation-keys';
import type { SealedSession, User } from './session';

type Identified = Pick<SealedSession, 'id' | 'user' | 'startedAtMs' | 'endsAtSec' | 'providerSessionId'>;

/** How long requests with the replaced session's cookie are still answered. */
const replacedGraceMs = 60_000;
const maxOwnRevocations = 20_000;

export async function revokeSession({ id, endsAtSec }: Pick<Identified, 'id' | 'endsAtSec'>): Promise<void> {
  const revocation: Revocation = { reason: 'signed_out', fromMs: nowMs() };
  await storeRevocation(sessionKey(id), revocation, endsAtSec * 1000 - nowMs());
}

/** A new sign-in of the same person took its place in this browser: it writes no cookie from now on, and is over in a minute. */
export async function markSessionReplaced({
  id,
  endsAtSec,
}: Pick<Identified, 'id' | 'endsAtSec'>): Promise<void> {
  const revocation = writeRevocation({ reason: 'replaced', fromMs: nowMs() + replacedGraceMs });
  // Never in the place of an revocation that holds already.
  await currentStore().claim(sessionKey(id), revocation, Math.max(1_000, endsAtSec * 1000 - nowMs()));
}

/** Ends what the person began up to `untilMs`, wherever it is. A later call never shortens an earlier one. */
export async function revokeUserSessions(
  user: Pick<User, 'issuer' | 'subject'>,
  untilMs: number,
): Promise<void> {
  const lifetimeMs = getConfig().sessionLifetimeSec * 1000;
  const key = userKey(user.issuer, user.subject);
  const latestMs = Math.max(untilMs, Number(ownRevocations().get(key) ?? 0));
  ownRevocations().set(key, String(latestMs), lifetimeMs);
  await keepInStore(lifetimeMs, (store, leftMs) => store.raise(key, untilMs, leftMs));
}

/** Ends whatever hangs on one session at the authorization server, also a sign-in that is on its way. @see OIDC Back-Channel Logout §2.7 */
export async function revokeProviderSession(issuer: string, providerSessionId: string): Promise<void> {
  const revocation: Revocation = { reason: 'back_channel_logout', fromMs: nowMs() };
  await storeRevocation(providerKey(issuer, providerSessionId), revocation);
}

/** What ends this session, or null. At most one trip to the store. @throws AppError `store_unavailable` */
export async function findRevocation(session: Identified): Promise<Revocation | null> {
  const { id, user, startedAtMs, providerSessionId } = session;
  const { sessionsNotBeforeMs } = getConfig();
  if (sessionsNotBeforeMs !== null && startedAtMs < sessionsNotBeforeMs)
    return { reason: 'not_before', fromMs: sessionsNotBeforeMs };
  const keys = [sessionKey(id), userKey(user.issuer, user.subject)];
  if (providerSessionId !== null) keys.push(providerKey(user.issuer, providerSessionId));
  // What this process revoked is revoked, whether or not the store could be told.
  const own = selectEnding(
    keys.map((key) => ownRevocations().get(key)),
    startedAtMs,
  );
  return own ?? selectEnding(await currentStore().getMany(keys), startedAtMs);
}

/** @param values of the session, of its user, and of its session at the authorization server */
function selectEnding(values: readonly (string | null)[], startedAtMs: number): Revocation | null {
  const [own, everywhere, there] = values;
  const revocations = [
    readRevocation(own),
    readUserRevocation(everywhere, startedAtMs),
    readRevocation(there),
  ].filter((revocation) => revocation !== null);
  // One that holds already goes before one that lies ahead.
  return revocations.find((revocation) => isRevoked(revocation)) ?? revocations[0] ?? null;
}

/** These were true when they were written: a clock that goes back, or that of another instance, makes nobody come to life again. */
const immediate: ReadonlySet<RevocationReason> = new Set([
  'signed_out',
  'signed_out_everywhere',
  'back_channel_logout',
]);

export function isRevoked(revocation: Revocation | null, atMs: number = nowMs()): boolean {
  return revocation !== null && (immediate.has(revocation.reason) || revocation.fromMs <= atMs);
}

/** No session lives longer than the configuration says, so nothing has to be remembered for longer. */
async function storeRevocation(key: string, revocation: Revocation, sessionLeftMs?: number): Promise<void> {
  const longestMs = getConfig().sessionLifetimeSec * 1000;
  const lifetimeMs = Math.max(1_000, sessionLeftMs ?? longestMs);
  const value = writeRevocation(revocation);
  ownRevocations().set(key, value, lifetimeMs);
  await keepInStore(lifetimeMs, (store, leftMs) => store.set(key, value, leftMs));
}

/** For all instances, and, where Redis has replicas, for the one that takes its place. @throws AppError `store_unavailable`: it is written when the store is back */
async function keepInStore(
  lifetimeMs: number,
  write: (store: Store, leftMs: number) => Promise<void>,
): Promise<void> {
  const store = currentStore();
  await writeOrRetry(lifetimeMs, (leftMs) => write(store, leftMs));
  await store.waitForReplica();
}

/** The revocations of this process: a session that was signed out here stays signed out here while the store is away, and after it lost its data. */
function ownRevocations(): BoundedMap<string> {
  return processSingleton('own-revocations', () => new BoundedMap<string>(maxOwnRevocations));
}
