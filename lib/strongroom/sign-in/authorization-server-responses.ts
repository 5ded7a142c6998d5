/** What next-auth is given in place of `fetch` and of its own judgement: cached metadata, bounded requests, verified tokens. */
import 'server-only';
import { nowSec } from '../base/clock';
import { AppError } from '../base/errors';
import { getConfig } from '../config/config';
import { fetchFromAuthorizationServer } from '../oauth/authorization-server-fetch';
import { type IdTokenClaims, verifyIdToken } from '../oauth/id-token';
import { getMetadata } from '../oauth/metadata';
import type { SendFunction } from '../oauth/next-auth';
import { audienceParameters } from '../oauth/send-request';
import { listAlgorithms } from '../oauth/signed-token';
import { signingKeys } from '../oauth/signing-keys';
import { type TokenResult, validateTokenResponse } from '../oauth/token-response';

export type VerifiedTokenResult = { answer: TokenResult; claims: IdTokenClaims; askedAtSec: number };

/** Answers the discovery request from our cache, and sends everything else with the bounds of lib/oauth. */
export const sendForNextAuth: SendFunction = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.pathname.endsWith('/.well-known/openid-configuration')) return describeServer();
  const { token_endpoint } = await getMetadata();
  const isTokenRequest = url.href === new URL(token_endpoint).href;
  return fetchFromAuthorizationServer(input, isTokenRequest ? withAudience(init) : init);
};

/**
 * next-auth rejects metadata without a userinfo endpoint, although signing in with an ID token never uses it; and it takes nothing but RS256
 * where the metadata names no algorithms: it is given ours, never the server's.
 */
async function describeServer(): Promise<Response> {
  const metadata = await getMetadata();
  return Response.json({
    ...metadata,
    id_token_signing_alg_values_supported: listAlgorithms(getConfig().signingAlgorithm),
    userinfo_endpoint: metadata.userinfo_endpoint ?? metadata.token_endpoint,
  });
}

/** @see RFC 8707 §2.2: the token request names the resource too */
function withAudience(init: RequestInit = {}): RequestInit {
  if (!(init.body instanceof URLSearchParams)) return init;
  const body = new URLSearchParams(init.body);
  for (const [name, value] of Object.entries(audienceParameters())) body.set(name, value);
  return { ...init, body };
}

/** Judges the raw answer to the code exchange: the response in full, then the ID token in full. */
export async function validateExchange(
  response: Response,
  nonce: string,
  askedAtSec: number = nowSec(),
): Promise<VerifiedTokenResult> {
  const answer = validateTokenResponse({
    status: response.status,
    contentType: response.headers.get('content-type'),
    text: await response.text(),
  });
  if (answer.idToken === null) throw new AppError('invalid_response', { reason: 'id_token_missing' });
  const { jwks_uri } = await getMetadata();
  const { issuer, clientId, signingAlgorithm: algorithm } = getConfig();
  const { accessToken } = answer;
  const claims = await verifyIdToken(answer.idToken, {
    issuer,
    clientId,
    keys: signingKeys(jwks_uri, { isPatient: true }),
    algorithm,
    accessToken,
    nonce,
  });
  return { answer, claims, askedAtSec };
}

/** The same answer in canonical form: only the fields that were judged. */
export function toTokenResponse({ answer }: VerifiedTokenResult): Response {
  return Response.json({
    access_token: answer.accessToken,
    token_type: 'Bearer',
    expires_in: answer.lifetimeSec,
    id_token: answer.idToken,
    ...(answer.refreshToken === null ? {} : { refresh_token: answer.refreshToken }),
    ...(answer.scopes === null ? {} : { scope: answer.scopes.join(' ') }),
  });
}
