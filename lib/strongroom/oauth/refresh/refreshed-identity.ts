/**
 * Who the user is, told anew by a refresh: from its ID token, and once an hour from userinfo where that lacks
 * name or e-mail address; at a server without ID tokens, from its user endpoint. Runs once for each refresh,
 * while the lock is held, and travels with the result.
 * @see OIDC Core §12.2, §5.3
 */
import 'server-only';
import { decodeJwt } from 'jose';
import { AppError } from '../../base/errors';
import { logFailure } from '../../base/log';
import { hintOf } from '../../base/operator-hints';
import { getConfig } from '../../config/config';
import { getDeclaration } from '../../config/declaration';
import type { Identity, Session, User } from '../../session/session';
import { currentStore } from '../../store/current-store';
import { keepClaims, readRoles } from '../kept-claims';
import { readUserAgain } from '../profile';
import { identifyByUserinfo } from '../userinfo-identity';
import type { ChainLink, RefreshableTokens } from './result-cache';

const userinfoPauseMs = 3_600_000;
/** Pages wait for the refresh that waits for this. */
const userEndpointMs = 3_000;

type Claims = Readonly<Record<string, unknown>>;

/**
 * @param tokens of the refresh, with the ID token that it verified
 * @throws AppError `invalid_response` when userinfo, or the user endpoint, is about another user
 */
export async function readRefreshedIdentity(
  session: Session,
  link: ChainLink,
  tokens: RefreshableTokens,
): Promise<Identity> {
  const { id, user, claims, roles } = session;
  const known: Identity = link.identity ?? { user, claims, roles };
  const { userClaims } = getConfig();
  const newClaims =
    userClaims === null
      ? readNewIdToken(link, tokens)
      : await askUserEndpoint(known.user, tokens, userClaims);
  if (newClaims === 'rejected') return { ...known, roles: [] };
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

function readNewIdToken(link: ChainLink, { idToken }: RefreshableTokens): Claims | null {
  return idToken === null || idToken === link.tokens.idToken ? null : decodeJwt(idToken);
}

/**
 * null: it does not say who the user is now, and what it said last stays. `rejected`: it takes not even a fresh
 * token, so the user may be blocked there.
 */
async function askUserEndpoint(
  { subject }: User,
  tokens: RefreshableTokens,
  members: Readonly<Record<string, string>>,
): Promise<Claims | 'rejected' | null> {
  const claims = await identifyByUserinfo(tokens, members, userEndpointMs).catch((error: unknown) => {
    const { reason } = AppError.from(error);
    logFailure('userinfo_failed', error, hintOf(reason));
    return reason === 'userinfo_rejected' ? 'rejected' : null;
  });
  if (claims === null || claims === 'rejected' || claims.sub === subject) return claims;
  throw new AppError('invalid_response', { reason: 'userinfo_sub' });
}

/** One request an hour for each session, over all instances, and none while the store is away. */
function mayAskUserinfo(sessionId: string): Promise<boolean> {
  return currentStore()
    .claim(`userinfo-asked:${sessionId}`, 'yes', userinfoPauseMs)
    .catch(() => false);
}
