/**
 * Sessions that are over before their time, for everybody who holds a copy of their cookie: one session, all of a person, or all of one
 * session at the authorization server. Kept until the sessions would have ended by themselves.
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { nowMs } from '@/lib/base/clock';
import { getConfig } from '@/lib/config/config';
import { currentStore } from '@/lib/store/current-store';
import type { SealedSession, User } from './session';

export type EndingReason =
  | 'signed_out'
  | 'replaced'
  | 'signed_out_everywhere'
  | 'back_channel'
  | 'not_before';

/** `fromMs` may lie ahead: a session that a newer one replaced goes on for the requests that were on their way. */
export type Ending = { reason: EndingReason; fromMs: number };

type Identified = Pick<SealedSession, 'id' | 'user' | 'startedAtMs' | 'endsAtSec' | 'providerSessionId'>;

/** How long requests with the replaced session's cookie are still answered. */
const replacedGraceMs = 60_000;

export async function endSession({ id, endsAtSec }: Pick<Identified, 'id' | 'endsAtSec'>): Promise<void> {
  await writeEnding(sessionKey(id), `signed_out ${nowMs()}`, endsAtSec * 1000 - nowMs());
}

/** A new sign-in of the same person took its place in this browser: it writes no cookie from now on, and is over in a minute. */
export async function replaceSession({ id, endsAtSec }: Pick<Identified, 'id' | 'endsAtSec'>): Promise<void> {
  await writeEnding(
    sessionKey(id),
    `replaced ${nowMs() + replacedGraceMs}`,
    endsAtSec * 1000 - nowMs() + replacedGraceMs,
  );
}

/** Ends what the person began up to `untilMs`, wherever it is. A later call never shortens an earlier one. */
export async function endUserSessions(
  user: Pick<User, 'issuer' | 'subject'>,
  untilMs: number,
  reason: 'signed_out_everywhere' | 'back_channel',
): Promise<void> {
  const key = userKey(user);
  const known = readEnding(await currentStore().get(key));
  if (known === null || known.fromMs < untilMs) await writeEnding(key, `${reason} ${untilMs}`);
}

/** Ends whatever hangs on one session at the authorization server, also a sign-in that is on its way. @see OIDC Back-Channel Logout §2.7 */
export async function endProviderSession(issuer: string, providerSessionId: string): Promise<void> {
  await writeEnding(providerKey(issuer, providerSessionId), `back_channel ${nowMs()}`);
}

/** What ends this session, or null. One trip to the store. @throws AppError `store_down` */
export async function findEnding(session: Identified): Promise<Ending | null> {
  const { id, user, startedAtMs, providerSessionId } = session;
  const { sessionsNotBeforeMs } = getConfig();
  if (sessionsNotBeforeMs !== null && startedAtMs < sessionsNotBeforeMs)
    return { reason: 'not_before', fromMs: sessionsNotBeforeMs };
  const keys = [sessionKey(id), userKey(user)];
  if (providerSessionId !== null) keys.push(providerKey(user.issuer, providerSessionId));
  const [own, everywhere, there] = (await currentStore().getMany(keys)).map(readEnding);
  if (own) return own;
  if (everywhere && startedAtMs <= everywhere.fromMs) return everywhere;
  return there ?? null;
}

export function isOver(ending: Ending | null, atMs: number = nowMs()): boolean {
  return ending !== null && ending.fromMs <= atMs;
}

/** No session lives longer than the configuration says, so nothing has to be remembered for longer. */
async function writeEnding(key: string, value: string, lifetimeMs?: number): Promise<void> {
  const longestMs = getConfig().sessionLifetimeSec * 1000;
  await currentStore().set(key, value, Math.max(1_000, lifetimeMs ?? longestMs));
}

function readEnding(value: string | null | undefined): Ending | null {
  const [reason, fromMs] = (value ?? '').split(' ');
  return fromMs === undefined ? null : { reason: reason as EndingReason, fromMs: Number(fromMs) };
}

function sessionKey(id: string): string {
  return `ended:session:${id}`;
}

/** The same in scripts/end-sessions.ts, which a test compares. */
export function userKey({ issuer, subject }: Pick<User, 'issuer' | 'subject'>): string {
  return `ended:user:${hash(`${issuer}\n${subject}`)}`;
}

function providerKey(issuer: string, providerSessionId: string): string {
  return `ended:provider:${hash(`${issuer}\n${providerSessionId}`)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
