/**
 * The ID token as a hint for the authorization server: which user a logout, or a request for more, is about.
 * One that does not fit the session cookie is kept in the store, sealed. A user has a few places there,
 * however many sessions they begin; a session that finds its place taken goes without a hint.
 * @see OIDC RP-Initiated Logout 1.0 §2, OIDC Core §3.1.2.1 (id_token_hint)
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { isRecord } from '../base/guards';
import { logFailure } from '../base/log';
import { getConfig } from '../config/config';
import { currentStore } from '../store/current-store';
import { seal, unseal } from './seal';
import type { SealedSession, Session, TokenSet } from './session';
import { pseudonymOf } from './user-pseudonym';

/** A hint travels in an address. */
const maxHintChars = 4_000;
const placesPerUser = 8;

/**
 * The tokens as the store keeps them. An ID token that is too long for a hint serves nothing, and with the groups
 * of a large organisation it is longer than all others together.
 */
export function withoutLongIdToken<T extends TokenSet>(tokens: T): T {
  return tokens.idToken !== null && tokens.idToken.length > maxHintChars
    ? { ...tokens, idToken: null }
    : tokens;
}

/** Without the hint, the server asks a question more: nothing fails when it cannot be kept. */
export async function keepIdTokenHint(session: Session): Promise<void> {
  const { id, tokens } = session;
  const { idToken } = tokens;
  if (idToken === null || idToken.length > maxHintChars) return;
  const lifetimeSec = getConfig().sessionLifetimeSec;
  try {
    const sealed = await seal('id_token_hint', { id, idToken }, lifetimeSec);
    await currentStore().set(hintKey(session), sealed, lifetimeSec * 1000);
  } catch (error) {
    logFailure('id_token_not_kept', error);
  }
}

/** Never throws; null when there is none, or it is too long for an address. */
export async function readIdTokenHint(session: SealedSession): Promise<string | null> {
  const idToken = session.tokens?.idToken ?? (await readKept(session).catch(() => null));
  return idToken !== null && idToken.length <= maxHintChars ? idToken : null;
}

/** @throws AppError `store_unavailable` */
export async function removeIdTokenHint(session: SealedSession): Promise<void> {
  if ((await readKept(session)) !== null) await currentStore().delete(hintKey(session));
}

async function readKept(session: SealedSession): Promise<string | null> {
  const sealed = await currentStore().get(hintKey(session));
  const data = sealed === null ? null : await unseal('id_token_hint', sealed, getConfig().sessionLifetimeSec);
  // The id inside the seal says whose it is: another session of the user may have taken the place.
  const isOwn = isRecord(data) && data.id === session.id && typeof data.idToken === 'string';
  return isOwn ? String(data.idToken) : null;
}

function hintKey({ id, user }: SealedSession): string {
  const place = createHash('sha256').update(id).digest().readUInt8() % placesPerUser;
  return `hint:${pseudonymOf(user)}:${place}`;
}
