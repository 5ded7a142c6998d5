/**
 * Sessions that are revoked before their time, for every copy of their cookie: one session, all of a user, or
 * those of one session at the authorization server. A revocation is kept until the sessions would have
 * expired by themselves.
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
  logoutKey,
  providerKey,
  type Revocation,
  type RevocationReason,
  readRevocations,
  revocationKeys,
  sessionKey,
  type UserRevocationReason,
  userKey,
  writeRevocation,
} from './revocation-keys';
import type { SealedSession, User } from './session';

type Identified = Pick<SealedSession, 'id' | 'user' | 'startedAtMs' | 'endsAtSec' | 'providerSessionId'>;

/** How long requests with the cookie of a replaced session are still served. */
export const replacedGraceMs = 60_000;
/** Longer than a code exchange takes. */
const exchangeMs = 10 * 60_000;
const maxOwnRevocations = 20_000;

export async function revokeSession(
  { id, endsAtSec }: Pick<Identified, 'id' | 'endsAtSec'>,
  reason: RevocationReason = 'signed_out_elsewhere',
): Promise<void> {
  await storeRevocation(sessionKey(id), { reason, fromMs: nowMs() }, endsAtSec * 1000 - nowMs());
}

/**
 * A new sign-in of the same user took its place in this browser: it writes no cookie from now on, and is
 * revoked in a minute.
 */
export async function recordReplacement({
  id,
  endsAtSec,
}: Pick<Identified, 'id' | 'endsAtSec'>): Promise<void> {
  const revocation = writeRevocation({ reason: 'replaced', fromMs: nowMs() + replacedGraceMs });
  // `claim` writes only where there is nothing, so a revocation that holds already is kept.
  await currentStore().claim(sessionKey(id), revocation, Math.max(1_000, endsAtSec * 1000 - nowMs()));
}

/** Revokes every session that the user began up to `untilMs`. A later call never shortens an earlier one. */
export async function revokeUserSessions(
  { issuer, subject }: Pick<User, 'issuer' | 'subject'>,
  untilMs: number,
  reason: UserRevocationReason,
): Promise<void> {
  const lifetimeMs = getConfig().sessionLifetimeSec * 1000;
  const key = userKey(reason, issuer, subject);
  const latestMs = Math.max(untilMs, Number(ownRevocations().get(key) ?? 0));
  ownRevocations().set(key, String(latestMs), lifetimeMs);
  await keepInStore(key, lifetimeMs, (store, leftMs) => store.raise(key, untilMs, leftMs));
}

/**
 * Revokes what hangs on one session at the authorization server, also a sign-in that is on its way.
 * @see OIDC Back-Channel Logout §2.7
 */
export async function revokeProviderSession(issuer: string, providerSessionId: string): Promise<void> {
  const revocation: Revocation = { reason: 'back_channel_logout', fromMs: nowMs() };
  await storeRevocation(providerKey(issuer, providerSessionId), revocation);
}

/** The server's clock may be behind ours, so when its word arrived counts too, for sign-ins on their way. */
export async function noteUserLogout({ issuer, subject }: Pick<User, 'issuer' | 'subject'>): Promise<void> {
  await currentStore().raise(logoutKey(issuer, subject), nowMs(), exchangeMs);
}

/**
 * Whether this sign-in, which was on its way until now, has been ended already.
 * @throws AppError `store_unavailable`
 */
export async function isRevokedOnItsWay(session: Identified): Promise<boolean> {
  const { issuer, subject } = session.user;
  const [arrivedAtMs] = await currentStore().getMany([logoutKey(issuer, subject)]);
  return Number(arrivedAtMs ?? 0) >= session.startedAtMs || isRevoked(await findRevocation(session));
}

/**
 * The revocation of this session, or null. At most one trip to the store.
 * @throws AppError `store_unavailable`
 */
export async function findRevocation(session: Identified): Promise<Revocation | null> {
  return (await findRevocationWith(session, null)).revocation;
}

/**
 * The same, and the value of one more key of the store in the same trip.
 * @throws AppError `store_unavailable`
 */
export async function findRevocationWith(
  session: Identified,
  noteKey: string | null,
): Promise<{ revocation: Revocation | null; note: string | null }> {
  const { startedAtMs } = session;
  const { sessionsNotBeforeMs } = getConfig();
  if (sessionsNotBeforeMs !== null && startedAtMs < sessionsNotBeforeMs)
    return { revocation: { reason: 'not_before', fromMs: sessionsNotBeforeMs }, note: null };
  const keys = revocationKeys(session);
  // What this process revoked is revoked, whether or not the store could be told.
  const own = chooseRevocation(
    keys.map((key) => ownRevocations().get(key)),
    startedAtMs,
  );
  if (own !== null) return { revocation: own, note: null };
  const values = await currentStore().getMany(noteKey === null ? keys : [...keys, noteKey]);
  const note = noteKey === null ? null : (values[keys.length] ?? null);
  return { revocation: chooseRevocation(values.slice(0, keys.length), startedAtMs), note };
}

/** A revocation that is in force takes precedence over one that begins later. */
function chooseRevocation(values: readonly (string | null)[], startedAtMs: number): Revocation | null {
  const found = readRevocations(values, startedAtMs);
  return found.find((revocation) => isRevoked(revocation)) ?? found[0] ?? null;
}

/**
 * Only these may begin in the future. Every other revocation was in force when it was written, so it holds
 * even when the clock is set back.
 */
const dated: ReadonlySet<RevocationReason> = new Set(['replaced', 'not_before']);

export function isRevoked(revocation: Revocation | null, atMs: number = nowMs()): boolean {
  return revocation !== null && (!dated.has(revocation.reason) || revocation.fromMs <= atMs);
}

/** No session lives longer than the configuration says, so a revocation is not needed for longer. */
async function storeRevocation(key: string, revocation: Revocation, sessionLeftMs?: number): Promise<void> {
  const longestMs = getConfig().sessionLifetimeSec * 1000;
  const lifetimeMs = Math.max(1_000, sessionLeftMs ?? longestMs);
  const value = writeRevocation(revocation);
  ownRevocations().set(key, value, lifetimeMs);
  await keepInStore(key, lifetimeMs, (store, leftMs) => store.set(key, value, leftMs));
}

/**
 * For all instances, and, where Redis has replicas, for the one that takes its place.
 * @throws AppError `store_unavailable`: it is written when the store is back
 */
async function keepInStore(
  key: string,
  lifetimeMs: number,
  write: (store: Store, leftMs: number) => Promise<void>,
): Promise<void> {
  const store = currentStore();
  await writeOrRetry(lifetimeMs, (leftMs) => store.untilReplicated(key, () => write(store, leftMs)));
}

/**
 * The revocations of this process: a session that was signed out here stays signed out here while the store
 * is away, and after it lost its data.
 */
function ownRevocations(): BoundedMap<string> {
  return processSingleton('own-revocations', () => new BoundedMap<string>(maxOwnRevocations));
}
