/**
 * The one client of this server, rebuilt from the settings at every start: a confidential web application.
 * @see OpenID Connect Dynamic Client Registration §2
 */
import type { ClientMetadata } from 'oidc-provider';
import type { SampleSecrets } from '../secrets.ts';
import type { SampleSettings } from '../settings.ts';

export const clientName = 'Strongroom';

export function describeClient(
  { appUrl, backchannelLogoutUri }: SampleSettings,
  secrets: SampleSecrets,
): ClientMetadata {
  return {
    client_id: secrets.clientId,
    client_secret: secrets.clientSecret,
    client_name: clientName,
    client_uri: appUrl,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [`${appUrl}/auth/callback/provider`],
    // The second one: an application without a page of its own for it.
    post_logout_redirect_uris: [`${appUrl}/signed-out`, `${appUrl}/auth/signed-out`],
    ...(backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: backchannelLogoutUri, backchannel_logout_session_required: true }),
    id_token_signed_response_alg: 'RS256',
    // A client that asks for a fresh sign-in can see that it got one.
    require_auth_time: true,
  };
}
