/**
 * Turns what oidc-provider reports into log lines: tokens issued and refused, reuse, revocation, logout.
 */
import type Provider from 'oidc-provider';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import { reusedDetail } from './artifacts.ts';
import type { Log } from './log.ts';

export function logProviderEvents(provider: Provider, log: Log): void {
  provider.on('grant.success', ({ oidc }) => {
    const { AccessToken: token } = oidc.entities;
    log('token_issued', { ...whoAsks(oidc), account: token?.accountId, scope: token?.scope });
  });
  provider.on('grant.error', ({ oidc }, error) =>
    log(nameRefusal(error), { ...whoAsks(oidc), ...why(error) }),
  );
  provider.on('grant.revoked', ({ oidc }) =>
    log(oidc.route === 'revocation' ? 'revoked' : 'grant_revoked', whoAsks(oidc)),
  );
  provider.on('authorization.error', ({ oidc }, error) =>
    log('authorization_refused', { ...whoAsks(oidc), ...why(error) }),
  );
  provider.on('pushed_authorization_request.error', ({ oidc }, error) =>
    log('pushed_request_refused', { ...whoAsks(oidc), ...why(error) }),
  );
  provider.on('revocation.error', ({ oidc }, error) =>
    log('revocation_refused', { ...whoAsks(oidc), ...why(error) }),
  );
  provider.on('end_session.success', ({ oidc }) => log('signed_out', { account: oidc.session?.accountId }));
  provider.on('backchannel.success', (_ctx, client, account) =>
    log('backchannel_logout_sent', { client: client.clientId, account }),
  );
  provider.on('backchannel.error', (_ctx, error, client, account) =>
    log('backchannel_logout_failed', { client: client.clientId, account, reason: error.message }),
  );
  provider.on('server_error', (_ctx, error) =>
    log('server_error', { reason: error.message, stack: error.stack }),
  );
}

function whoAsks({ client, params, route }: KoaContextWithOIDC['oidc']) {
  const grantType = params?.grant_type;
  return {
    client: client?.clientId,
    route,
    grantType: typeof grantType === 'string' ? grantType : undefined,
  };
}

function why(error: errors.OIDCProviderError) {
  return { code: error.error, reason: error.error_detail ?? error.error_description };
}

const reuseDetails: readonly unknown[] = [
  'refresh token already used',
  'authorization code already consumed',
  reusedDetail,
];

function nameRefusal({ error_detail }: errors.OIDCProviderError): string {
  return reuseDetails.includes(error_detail) ? 'reuse_detected' : 'token_refused';
}
