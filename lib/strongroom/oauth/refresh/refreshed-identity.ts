/**
 * Who the user is, told anew by a refresh: from its ID token, and once an hour from userinfo where that lacks
 * name or e-mail address. Runs once for each refresh, while the lock is held, and travels with the result.
 * @see OIDC Core §12.2, §5.3
 */
import 'server-only';
import { decodeJwt } from 'jose';
import { getDeclaration } from '../../config/declaration';
import type { Identity, Session } from '../../session/session';
import { currentStore } from '../../store/current-store';
import { keepClaims, readRoles } from '../kept-claims';
import { readUserAgain } from '../profile';
import type { ChainLink, RefreshableTokens } from './result-cache';

const userinfoPauseMs = 3_600_000;

/**
 * @param tokens of the refresh, with the ID token that it verified
 * @throws AppError `invalid_response` when userinfo is about another user
 */
export async function readRefreshedIdentity(
  session: Session,
  link: ChainLink,
  tokens: RefreshableTokens,
): Promise<Identity> {
  const { id, user, claims, roles } = session;
  const known: Identity = link.identity ?? { user, claims, roles };
  const isNew = tokens.idToken !== null && tokens.idToken !== link.tokens.idToken;
  const newClaims = isNew && tokens.idToken !== null ? decodeJwt(tokens.idToken) : null;
  const mayAsk = () => mayAskUserinfo(id);
  const refreshed = await readUserAgain(known.user, newClaims ?? {}, { tokens, mayAsk });
  if (newClaims === null) return { ...known, user: refreshed };
  const declared = getDeclaration();
  return {
    user: refreshed,
    claims: keepClaims(newClaims, declared.claims),
    roles: readRoles(newClaims, declared.roles),
  };
}

/** One request an hour for each session, over all instances, and none while the store is away. */
function mayAskUserinfo(sessionId: string): Promise<boolean> {
  return currentStore()
    .claim(`userinfo-asked:${sessionId}`, 'yes', userinfoPauseMs)
    .catch(() => false);
}
