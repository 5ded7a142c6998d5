/**
 * `WWW-Authenticate`: what was missing or wrong about the credentials, and where to learn what this API wants.
 * Pure. @see RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3, RFC 9728 §5.1
 */
import { signingAlgorithms } from './token-header.ts';

export type ChallengeScheme = 'Bearer' | 'DPoP';
export type ChallengeError = {
  error: string;
  error_description?: string;
  scope?: string;
  /** In seconds. */
  max_age?: string;
  acr_values?: string;
};

const realm = 'strongroom-api';

export type Challenger = (scheme: ChallengeScheme, error?: ChallengeError) => Record<string, string>;

/** @returns a function that builds the header; without an error it asks for credentials and names no error code. */
export function createChallenger(metadataUrl: string): Challenger {
  return (scheme, error) => {
    const parameters = {
      realm,
      ...error,
      ...(scheme === 'DPoP' && { algs: signingAlgorithms.join(' ') }),
      resource_metadata: metadataUrl,
    };
    return { 'www-authenticate': `${scheme} ${formatParameters(parameters)}` };
  };
}

/** All values are our own constants; quotes and backslashes are escaped all the same. */
function formatParameters(parameters: Record<string, string>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`)
    .join(', ');
}
