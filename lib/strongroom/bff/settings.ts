/** What pages may show of the configuration. */
import 'server-only';
import { getConfig } from '../config/config';
import type { Config } from '../config/parse-config';

export type Settings = Pick<
  Config,
  'issuer' | 'clientId' | 'audience' | 'scopes' | 'apiBaseUrl' | 'sessionIdleSec' | 'demoAccounts'
> & {
  /** Whether `startSignInPath({ account: 'new' })` leads to a page that creates an account. */
  isSignUpOffered: boolean;
};

/**
 * Settings without a secret, for pages that explain what happens.
 * @example
 * const { sessionIdleSec } = getSettings();
 */
export function getSettings(): Settings {
  const { issuer, clientId, audience, scopes, apiBaseUrl, sessionIdleSec, demoAccounts } = getConfig();
  const isSignUpOffered = getConfig().signUpParameters !== null;
  return { issuer, clientId, audience, scopes, apiBaseUrl, sessionIdleSec, demoAccounts, isSignUpOffered };
}
