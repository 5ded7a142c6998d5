/**
 * Where the authorization server sends the browser back to, to the letter as it is registered there. next-auth
 * makes the same address from its base path and the id of its provider (exchange-code.ts). Pure.
 */

export function redirectUri({ appOrigin }: { appOrigin: string }): string {
  return `${appOrigin}/auth/callback/provider`;
}
