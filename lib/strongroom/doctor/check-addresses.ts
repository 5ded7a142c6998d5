/** The addresses to register at the authorization server, to the letter. */
import 'server-only';
import { publicAddress } from '../config/public-address';
import { redirectUri } from '../oauth/redirect-uri';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';

const { ok } = findingsOf('register there');

export function listAddresses({ config, signedOutPath }: Context): Finding[] {
  const { isBackchannelLogoutOn, clientKeys } = config;
  return [
    ok(`redirect URI (callback)      ${redirectUri()}`),
    ok(`post-logout redirect URI     ${publicAddress(signedOutPath)}`),
    ...(isBackchannelLogoutOn
      ? [ok(`back-channel logout URI      ${publicAddress('/auth/back-channel-logout')}`)]
      : []),
    ...(clientKeys.length > 0
      ? [ok(`public keys (jwks_uri)       ${publicAddress('/.well-known/jwks.json')}`)]
      : []),
  ];
}
