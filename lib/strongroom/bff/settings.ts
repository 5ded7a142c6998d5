/** What pages may show of the configuration. */
import 'server-only';
import { getConfig } from '../config/config';
import type { Config } from '../config/parse-config';
import { type Protections, readProtections } from '../oauth/protections';

export type Settings = Pick<
  Config,
  'issuer' | 'clientId' | 'audience' | 'scopes' | 'apiBaseUrl' | 'sessionIdleSec' | 'demoAccounts'
> & {
  /** Which protections a sign-in has that begins now; null while the authorization server is away. */
  readProtections: () => Promise<Protections | null>;
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
  return {
    ...{ issuer, clientId, audience, scopes, apiBaseUrl, sessionIdleSec, demoAccounts },
    readProtections,
    isSignUpOffered: getConfig().signUpParameters !== null,
  };
}
