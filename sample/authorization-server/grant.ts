/**
 * Gives every authorization request a grant that says what the person decided, in this session or an earlier one.
 * Revoking a grant (sign-out, reuse of a refresh token) ends one browser's tokens and leaves the decision in place.
 */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { Consent, ConsentStore } from './consents.ts';
import { isScopeOf, type Permission } from './permissions.ts';

type Scopes = Pick<Grant, 'openid' | 'resources'>;
/** The permissions of each API, by its identifier. */
type Resources = ReadonlyMap<string, readonly Permission[]>;

/** oidc-provider's `loadExistingGrant`: undefined when this account never decided about this client. */
export function createGrantLoader(consents: ConsentStore, resources: Resources) {
  return async function loadExistingGrant({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { account, client, session, provider } = oidc;
    if (!account || !client || !session) return undefined;
    const consent = consents.find(account.accountId, client.clientId);
    if (!consent) return undefined;
    const { accountId } = account;
    const { clientId } = client;
    const grantId = session.grantIdFor(clientId);
    const existing = grantId ? await provider.Grant.find(grantId) : undefined;
    const grant = existing ?? new provider.Grant({ accountId, clientId });
    if (!writeConsent(grant, consent, resources) && existing) return existing;
    await grant.save();
    return grant;
  };
}

/** Makes the grant say exactly what the consent says; true when that changed it. */
function writeConsent(grant: Grant, consent: Consent, resources: Resources): boolean {
  const before = printScopes(grant);
  Object.assign(grant, toScopes(consent.granted, resources));
  grant.rejected = toScopes(consent.rejected, resources);
  return printScopes(grant) !== before;
}

function toScopes(scopes: ReadonlySet<string>, resources: Resources): Scopes {
  const all = [...scopes];
  const ofApis = [...resources].map(([identifier, permissions]) => {
    return [identifier, all.filter((scope) => isScopeOf(permissions, scope)).join(' ')] as const;
  });
  const isOfApi = (scope: string) => [...resources.values()].some((one) => isScopeOf(one, scope));
  const openid = all.filter((scope) => !isOfApi(scope)).join(' ');
  const granted = ofApis.filter(([, api]) => api !== '');
  return {
    openid: openid ? { scope: openid } : undefined,
    resources: granted.length > 0 ? Object.fromEntries(granted) : undefined,
  };
}

function printScopes({ openid, resources, rejected }: Grant): string {
  return JSON.stringify([openid, resources, rejected?.openid, rejected?.resources]);
}
