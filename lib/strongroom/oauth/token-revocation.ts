/** Revokes a refresh token at the authorization server, as well as possible. @see RFC 7009 §2 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { waitAtMost } from '../base/deadline';
import { logFailure } from '../base/log';
import { getClientContext, requestOptions } from './client-request';

const timeoutMs = 2_000;

export type RevocationOutcome = 'revoked' | 'unsupported' | 'failed';

/** Never throws and takes at most two seconds: signing out does not depend on the authorization server. */
export function revokeRefreshToken(refreshToken: string): Promise<RevocationOutcome> {
  return waitAtMost<RevocationOutcome>(timeoutMs, sendRevocation(refreshToken), 'failed');
}

async function sendRevocation(refreshToken: string): Promise<RevocationOutcome> {
  try {
    const { server, client, authentication } = await getClientContext();
    if (server.revocation_endpoint === undefined) return 'unsupported';
    const options = {
      ...requestOptions({ timeoutMs, maxBytes: 100_000 }),
      additionalParameters: { token_type_hint: 'refresh_token' },
    };
    const response = await oauth.revocationRequest(server, client, authentication, refreshToken, options);
    await oauth.processRevocationResponse(response);
    return 'revoked';
  } catch (error) {
    logFailure('token_revocation_failed', error);
    return 'failed';
  }
}
