/**
 * Tells every client of a session that it ended. A client that cannot be told never holds up the sign-out.
 * @see OpenID Connect Back-Channel Logout §2.5
 */
import type Provider from 'oidc-provider';
import type { Client, Session } from 'oidc-provider';
import type { Log } from './log.ts';

export async function tellClients(provider: Provider, session: Session, log: Log): Promise<void> {
  const { accountId: account = '', authorizations = {} } = session;
  const deliveries = Object.entries(authorizations).map(async ([clientId, { sid }]) => {
    const client = await provider.Client.find(clientId);
    if (!client?.backchannelLogoutUri || !hasBackchannelLogout(client)) return;
    try {
      await client.backchannelLogout(account, sid);
      log('backchannel_logout_sent', { client: clientId, account });
    } catch (error) {
      log('backchannel_logout_failed', { client: clientId, account, reason: String(error) });
    }
  });
  await Promise.all(deliveries);
}

type Reachable = Client & { backchannelLogout(sub: string, sid: string | undefined): Promise<void> };

/** oidc-provider has this method and its published types do not name it. */
function hasBackchannelLogout(client: Client): client is Reachable {
  return typeof client.backchannelLogout === 'function';
}
