/**
 * Verifies userinfo that comes as a signed token. It need not have times, and names its issuer and audience
 * only if the server likes to. Encrypted userinfo is not read, and the log says so.
 * @see OIDC Core §5.3.2
 */
import 'server-only';
import { AppError } from '../base/errors';
import { findKeyFailure } from './signed-token';
import { expectedSigner } from './signing-keys';
import { parseToken, type TokenClaims } from './token-types';

const reason = 'userinfo_token';
const reasons = { malformed: reason, alg: reason, kid: reason, signature: reason } as const;

/** @throws AppError `invalid_response`; `temporarily_unavailable` when the keys are out of reach */
export async function verifySignedUserinfo(token: string, subject: string): Promise<TokenClaims> {
  const { issuer, clientId, keys, algorithm } = await expectedSigner({ isPatient: true });
  const { header, claims, wrongField } = parseToken(token);
  if (wrongField === 'encrypted') throw new AppError('invalid_response', { reason: 'userinfo_encrypted' });
  if (wrongField !== null) throw new AppError('invalid_response', { reason });
  const keyFailure = await findKeyFailure(token, { keys, algorithm, reasons });
  if (keyFailure !== null) throw keyFailure;
  // A token of another kind that is signed by the same keys is no userinfo. @see RFC 8725 §3.11
  if (header.typ !== undefined && !/^(JWT|(application\/)?userinfo\+jwt)$/i.test(header.typ))
    throw new AppError('invalid_response', { reason });
  if (claims.iss !== undefined && claims.iss !== issuer) throw new AppError('invalid_response', { reason });
  if (claims.aud !== undefined && ![claims.aud].flat().includes(clientId))
    throw new AppError('invalid_response', { reason });
  if (claims.sub !== subject) throw new AppError('invalid_response', { reason: 'userinfo_sub' });
  return claims;
}
