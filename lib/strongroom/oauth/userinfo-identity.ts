/**
 * Who the user is, at a server without ID tokens: its userinfo endpoint says whose access token it is. The
 * token came from the token endpoint, for a code that `state` and PKCE tie to this browser, so it is no token
 * of another application.
 * @see RFC 6749 §10.16, RFC 9700 §4.5
 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { AppError } from '../base/errors';
import { isRecord } from '../base/guards';
import { getConfig } from '../config/config';
import type { TokenSet } from '../session/session';
import { getClientContext, requestOptions } from './client-request';
import { sendWithProof } from './dpop';
import { type IdentityClaims, isSubject, withoutTokenClaims } from './token-types';

const maxBytes = 200_000;

/**
 * @param members the member of the response for each claim
 * @throws AppError `invalid_response` when it does not say who it is, or of the request
 */
export async function identifyByUserinfo(
  { accessToken, dpopKey: key }: Pick<TokenSet, 'accessToken' | 'dpopKey'>,
  members: Readonly<Record<string, string>>,
  timeoutMs = 10_000,
): Promise<IdentityClaims> {
  const { server, client } = await getClientContext();
  const { response } = await sendWithProof({ key, url: server.userinfo_endpoint ?? '' }, async (proof) => ({
    response: await requestUserinfo(() =>
      oauth.userInfoRequest(server, client, accessToken, {
        ...requestOptions({ timeoutMs, maxBytes }),
        ...proof,
      }),
    ),
  }));
  // An answer about the user, unlike other failures. @see RFC 6750 §3.1
  if (response.status === 401 || response.status === 403)
    throw new AppError('invalid_response', { reason: 'userinfo_rejected' });
  const body: unknown = response.status === 200 ? await response.json().catch(() => null) : null;
  const identity = readIdentity(body, members, getConfig().issuer);
  if (identity === null) throw new AppError('invalid_response', { reason: 'userinfo_unusable' });
  return identity;
}

/** A challenge is an error to the library. */
async function requestUserinfo(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
    throw AppError.from(error);
  }
}

/** Pure. Everything else of the response is for declared claims and roles. @returns null where it names no user */
export function readIdentity(
  body: unknown,
  members: Readonly<Record<string, string>>,
  issuer: string,
): IdentityClaims | null {
  if (!isRecord(body)) return null;
  const named = Object.entries(members).map(([claim, member]) => [claim, body[member]] as const);
  const { sub: id, ...profile } = Object.fromEntries(named);
  const sub = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  if (typeof sub !== 'string' || !isSubject(sub)) return null;
  return { ...withoutTokenClaims(body), ...profile, iss: issuer, sub };
}
