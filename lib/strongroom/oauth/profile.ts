/**
 * Reads the user from the ID token, and from userinfo where the ID token has no name.
 * @see OIDC Core §5.1, §5.3
 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { AppError, findAppError } from '../base/errors';
import { readPlainText } from '../base/guards';
import { logFailure } from '../base/log';
import { profileLimits, type User } from '../session/session';
import type { IdTokenClaims } from './id-token';
import { getClientContext, requestOptions } from './send-request';
import { verifySignedUserinfo } from './signed-userinfo';

type Claims = Record<string, unknown>;

/** @throws AppError `invalid_response` when userinfo is about another user */
export async function readUser(
  claims: IdTokenClaims,
  accessToken: string,
  scopes: readonly string[],
): Promise<User> {
  const user = describeUser(claims, claims);
  const isNameMissing = scopes.includes('profile') && user.name === null;
  if (!isNameMissing) return user;
  const userinfo = await fetchUserinfo(claims.sub, accessToken);
  return userinfo === null ? user : describeUser(claims, { ...userinfo, ...claims });
}

/** Pure. Profile claims are untrusted text: cleaned and cut. */
export function describeUser(identity: { iss: string; sub: string }, profile: Claims): User {
  const name =
    readPlainText(profile.name, profileLimits.name) ??
    readPlainText(profile.preferred_username, profileLimits.name);
  return {
    issuer: identity.iss,
    subject: identity.sub,
    name,
    email: readPlainText(profile.email, profileLimits.email),
    picture: readPicture(profile.picture),
  };
}

function readPicture(value: unknown): string | null {
  const text = readPlainText(value, profileLimits.picture + 1);
  if (text === null || text.length > profileLimits.picture) return null;
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null;
}

/** The claims, or null when they are out of reach: a missing profile is no reason to reject a sign-in. */
async function fetchUserinfo(subject: string, accessToken: string): Promise<Claims | null> {
  const { server, client } = await getClientContext();
  if (server.userinfo_endpoint === undefined) return null;
  const limits = { timeoutMs: 3_000, maxBytes: 200_000 };
  try {
    const response = await oauth.userInfoRequest(server, client, accessToken, requestOptions(limits));
    if (response.status !== 200) return null;
    if (/^application\/jwt\b/i.test(response.headers.get('content-type') ?? ''))
      return await verifySignedUserinfo(await response.text(), subject);
    return await oauth.processUserInfoResponse(server, client, subject, response);
  } catch (error) {
    if (findAppError(error)?.reason === 'userinfo_sub') throw error;
    if (error instanceof oauth.OperationProcessingError && error.code === oauth.JSON_ATTRIBUTE_COMPARISON)
      throw new AppError('invalid_response', { reason: 'userinfo_sub', cause: error });
    logFailure('userinfo_failed', error);
    return null;
  }
}
