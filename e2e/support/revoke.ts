/** Revokes a person's grant at the authorization server, behind the application's back. @see RFC 7009 §2.1 */
import { openSeal } from './seals.ts';
import type { TestStack } from './test-stack.ts';

/** @param sealed value of the session's cookie */
export async function revokeGrant({ secrets, settings }: TestStack, sealed: string): Promise<void> {
  const { tokens } = (await openSeal('session', secrets.appSecret, sealed)) as {
    tokens: { refreshToken: string };
  };
  const response = await fetch(`${settings.issuer}/oauth/revoke`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${secrets.clientId}:${secrets.clientSecret}`)}` },
    body: new URLSearchParams({ token: tokens.refreshToken, token_type_hint: 'refresh_token' }),
    signal: AbortSignal.timeout(240_000),
  });
  if (!response.ok) throw new Error(`The authorization server answered ${response.status} to a revocation.`);
}
