/**
 * Where the authorization server sends the browser back to, to the letter as it is registered there. next-auth
 * makes the same address from its base path and the id of its provider (exchange-code.ts).
 */
import 'server-only';
import { publicAddress } from '../config/public-address';

export const callbackPath = '/auth/callback/provider';

export function redirectUri(): string {
  return publicAddress(callbackPath).href;
}
