/**
 * Reads the user from the ID token, and from userinfo where the ID token lacks name or e-mail.
 * @see OIDC Core §5.1, §5.3
 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { AppError, findAppError } from '../base/errors';
import { readPlainText } from '../base/guards';
import { logFailure } from '../base/log';
import { hintOf } from '../base/operator-hints';
import { getConfig } from '../config/config';
import { profileLimits, type TokenSet, type User } from '../session/session';
import { getClientContext, requestOptions } from './client-request';
import { sendWithProof } from './dpop';
import { verifySignedUserinfo } from './signed-userinfo';
import type { IdentityClaims } from './token-types';

type Claims = Record<string, unknown>;
type UserinfoTokens = Pick<TokenSet, 'accessToken' | 'dpopKey' | 'scopes'>;

/** @throws AppError `invalid_response` when userinfo is about another user */
export async function readUser(claims: IdentityClaims, tokens: UserinfoTokens): Promise<User> {
  const userinfo = needsUserinfo(claims, tokens.scopes) ? await fetchUserinfo(claims.sub, tokens) : null;
  return describeUser(claims, claims, userinfo ?? {});
}

/**
 * The user as a refresh shows them: what it does not say stays.
 * @param claims of the refreshed ID token; none when there was none
 * @param mayAsk whether userinfo may be asked for what the ID token lacks
 * @throws AppError `invalid_response` when userinfo is about another user
 */
export async function readUserAgain(
  known: User,
  claims: Claims,
  { tokens, mayAsk }: { tokens: UserinfoTokens; mayAsk: MayAsk },
): Promise<User> {
  const isWhole = !needsUserinfo(claims, tokens.scopes);
  const userinfo = isWhole || !(await mayAsk()) ? null : await fetchUserinfo(known.subject, tokens);
  const { name, email, picture } = describeUser(
    { iss: known.issuer, sub: known.subject },
    claims,
    userinfo ?? {},
  );
  // A short name of the ID token does not take the place of the full one that userinfo gave.
  const isBest = isWhole || userinfo !== null || readFullName([claims]) !== null;
  return {
    ...known,
    name: (isBest ? name : null) ?? known.name,
    email: email ?? known.email,
    picture: picture ?? known.picture,
  };
}

type MayAsk = () => Promise<boolean>;

/** Whether a name or an e-mail address that was asked for is not in the ID token. */
function needsUserinfo(claims: Claims, scopes: readonly string[]): boolean {
  // Its response has been read, or is not that of OpenID Connect.
  if (getConfig().userClaims !== null) return false;
  const isNameMissing = readFullName([claims]) === null;
  const isEmailMissing = readText([claims], 'email', profileLimits.email) === null;
  return (isNameMissing && scopes.includes('profile')) || (isEmailMissing && scopes.includes('email'));
}

/**
 * Pure. Profile claims are untrusted text: cleaned and cut.
 * @param sources earlier ones take precedence; a claim that is null, empty or no text counts as absent
 */
export function describeUser(identity: { iss: string; sub: string }, ...sources: readonly Claims[]): User {
  return {
    issuer: identity.iss,
    subject: identity.sub,
    name:
      readFullName(sources) ??
      readText(sources, 'nickname', profileLimits.name) ??
      readText(sources, 'preferred_username', profileLimits.name),
    email: readText(sources, 'email', profileLimits.email),
    picture: findFirst(sources, ({ picture }) => readPicture(picture)),
  };
}

function readFullName(sources: readonly Claims[]): string | null {
  const name = readText(sources, 'name', profileLimits.name);
  if (name !== null) return name;
  const parts = ['given_name', 'family_name'].map((part) => readText(sources, part, profileLimits.name));
  return readPlainText(parts.filter((part) => part !== null).join(' '), profileLimits.name);
}

function readText(sources: readonly Claims[], claim: string, maxChars: number): string | null {
  return findFirst(sources, (source) => readPlainText(source[claim], maxChars));
}

function findFirst(sources: readonly Claims[], read: (source: Claims) => string | null): string | null {
  return sources.map(read).find((text) => text !== null) ?? null;
}

function readPicture(value: unknown): string | null {
  const text = readPlainText(value, profileLimits.picture + 1);
  if (text === null || text.length > profileLimits.picture) return null;
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null;
}

/** The claims, or null when they are out of reach: a missing profile is no reason to reject a sign-in. */
async function fetchUserinfo(
  subject: string,
  { accessToken, dpopKey: key }: UserinfoTokens,
): Promise<Claims | null> {
  const { server, client } = await getClientContext();
  const { userinfo_endpoint: url } = server;
  if (url === undefined) return {};
  const limits = { timeoutMs: 3_000, maxBytes: 200_000 };
  try {
    const { response } = await sendWithProof({ key, url }, async (proof) => ({
      response: await oauth.userInfoRequest(server, client, accessToken, {
        ...requestOptions(limits),
        ...proof,
      }),
    }));
    if (response.status !== 200) return null;
    if (/^application\/jwt\b/i.test(response.headers.get('content-type') ?? ''))
      return await verifySignedUserinfo(await response.text(), subject);
    return await oauth.processUserInfoResponse(server, client, subject, response);
  } catch (error) {
    if (findAppError(error)?.reason === 'userinfo_sub') throw error;
    if (error instanceof oauth.OperationProcessingError && error.code === oauth.JSON_ATTRIBUTE_COMPARISON)
      throw new AppError('invalid_response', { reason: 'userinfo_sub', cause: error });
    logFailure('userinfo_failed', error, hintOf(AppError.from(error).reason));
    return null;
  }
}

/** The one origin besides ours whose pictures pages may show: that of the issuer. */
export function pictureOrigin(): string {
  return new URL(getConfig().issuer).origin;
}
