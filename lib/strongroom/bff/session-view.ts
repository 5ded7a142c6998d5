/** What the adopter’s code sees of a session: who it is, what was granted and the times, and no token. */
import 'server-only';
import type { Api } from '../config/apis';
import { getConfig } from '../config/config';
import type { Permission } from '../config/declaration';
import { pictureOrigin } from '../oauth/profile';
import { findAccessToken } from '../session/access-token';
import type { Session, TokenSet, User } from '../session/session';
import { pseudonymOf } from '../session/user-pseudonym';
import { listPermissions } from './permissions';

export type SessionView = {
  /**
   * The picture is null when it is at a host whose pictures pages may not show: the policy would block it.
   */
  user: User;
  /** The user pseudonym, a short id from which no name can be read: for hidden form fields. */
  pseudonym: string;
  /** The declared claims of the ID token, as far as it has them. */
  claims: Session['claims'];
  /** Those of the declared roles that the user has: `requireRole` asks for one. */
  roles: readonly string[];
  /**
   * What the application asks for, each granted or not. `isAssumed`: it counts as granted, and is known for certain once
   * its API, which is not the first one, has a token.
   */
  permissions: readonly (Permission & { isGranted: boolean; isAssumed: boolean })[];
  /** Granted scopes, in the words of the authorization server. */
  scopes: readonly string[];
  /** Times are seconds since the epoch. */
  startedAtSec: number;
  /** Without a refresh token the session ends with its access token. */
  endsAtSec: number;
  accessToken: {
    obtainedAtSec: number;
    expiresAtSec: number;
    /** Bound to a key of this session (DPoP): a copy alone is of no use. */
    isBound: boolean;
  };
  /** The APIs with tokens of their own, and when those expire; null: none has been needed, or none was given. */
  otherApis: readonly (Pick<Api, 'name' | 'baseUrl' | 'audience'> & { expiresAtSec: number | null })[];
  /** The device that the session is bound to: a copy of the cookies is of no use elsewhere. null: not bound. */
  device: {
    boundAtSec: number;
    /** When a copy was tried, the first time; null: never, as far as is known. */
    copiedAtSec: number | null;
  } | null;
  hasRefreshToken: boolean;
  hasIdToken: boolean;
  /** Whether the authorization server named its own session (`sid`). */
  hasProviderSession: boolean;
  /** When and how the user last proved who they are, if the ID token says so. */
  authTimeSec: number | null;
  acr: string | null;
};

export function viewOf(session: Session): SessionView {
  const { user, claims, roles, tokens, startedAtMs, endsAtSec, binding } = session;
  const { providerSessionId, authTimeSec, acr } = session;
  const { scopes, obtainedAtSec, expiresAtSec } = tokens;
  const hasRefreshToken = tokens.refreshToken !== null;
  // Some servers grant `offline_access` without naming it among the scopes: the refresh token says so.
  const isGranted = (scope: string) =>
    scopes.includes(scope) || (scope === 'offline_access' && hasRefreshToken);
  return {
    user: { ...user, picture: isShown(user.picture) ? user.picture : null },
    pseudonym: pseudonymOf(user),
    claims,
    roles,
    permissions: listPermissions(getConfig().scopes).map((permission) => ({
      ...permission,
      isGranted: isGranted(permission.scope),
      isAssumed: isGranted(permission.scope) && isUnanswered(tokens, permission.scope),
    })),
    scopes,
    startedAtSec: Math.floor(startedAtMs / 1000),
    endsAtSec: hasRefreshToken ? endsAtSec : Math.min(endsAtSec, expiresAtSec),
    accessToken: { obtainedAtSec, expiresAtSec, isBound: tokens.dpopKey !== null },
    otherApis: listOtherApis(tokens),
    device: binding,
    hasRefreshToken,
    hasIdToken: tokens.idToken !== null,
    hasProviderSession: providerSessionId !== null,
    authTimeSec,
    acr,
  };
}

/** @see docs/refresh.md: scopes of other APIs count as granted until a token response is about them */
function isUnanswered(tokens: TokenSet, scope: string): boolean {
  const unanswered = getConfig().apis.filter((api) => findAccessToken(tokens, api) === null);
  return unanswered.some(({ tokenName, scopes }) => tokenName !== null && scopes.includes(scope));
}

function listOtherApis(tokens: TokenSet): SessionView['otherApis'] {
  const others = getConfig().apis.filter(({ tokenName }) => tokenName !== null);
  return others.map((api) => {
    const { name, baseUrl, audience } = api;
    const token = findAccessToken(tokens, api);
    const isThere = token !== null && token.accessToken !== null;
    return { name, baseUrl, audience, expiresAtSec: isThere ? token.expiresAtSec : null };
  });
}

/** As the policy of the page has it (`img-src`). */
function isShown(picture: string | null): boolean {
  return picture !== null && new URL(picture).origin === pictureOrigin();
}
