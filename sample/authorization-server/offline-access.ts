/**
 * Keeps `offline_access` in a request that does not say `prompt=consent`. oidc-provider drops it there; the
 * specification allows "other conditions", and ours is a remembered consent, asked for once like any permission.
 * @see OpenID Connect Core §11
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { toScopes } from './consents.ts';
import { staySignedIn } from './permissions.ts';

/** Runs after oidc-provider has judged the scope and before it looks at grants and consent. */
export function restoreOfflineAccess({ oidc, query }: KoaContextWithOIDC): void {
  const asWritten = readPushedScope(oidc) ?? oidc.body?.scope ?? query.scope;
  if (!toScopes(asWritten).has(staySignedIn.scope) || !oidc.params) return;
  oidc.params.scope = [...toScopes(oidc.params.scope).add(staySignedIn.scope)].join(' ');
}

/** The scope of a pushed request, which oidc-provider stores as an unsigned JWT. @see RFC 9126 §2 */
function readPushedScope({ entities }: KoaContextWithOIDC['oidc']): unknown {
  const payload = entities.PushedAuthorizationRequest?.request.split('.')[1];
  if (!payload) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { scope?: unknown };
  return claims.scope ?? '';
}
