/** The addresses to register at the authorization server, to the letter. */
import 'server-only';
import { redirectUri } from '../oauth/redirect-uri';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';

const { ok } = findingsOf('register there');

export function listAddresses({ config, signedOutPath }: Context): Finding[] {
  const { appOrigin, isBackchannelLogoutOn } = config;
  return [
    ok(`redirect URI (callback)      ${redirectUri(config)}`),
    ok(`post-logout redirect URI     ${appOrigin}${signedOutPath}`),
    ...(isBackchannelLogoutOn
      ? [ok(`back-channel logout URI      ${appOrigin}/auth/back-channel-logout`)]
      : []),
  ];
}
