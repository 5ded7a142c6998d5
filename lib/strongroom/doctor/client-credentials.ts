/** The credentials of this client in words, and what mends each of them. */
import 'server-only';
import { decodeJwt } from 'jose';
import { findAppError } from '../base/errors';
import { readPlainText } from '../base/guards';
import { type ClientAuthentication, credentialOf } from '../config/client-authentication';
import { publicAddress } from '../config/public-address';
import { describeRemedy, readAssertionFile } from '../oauth/assertion-file';
import { clientSigningKey } from '../oauth/client-keys';
import type { Context } from './context';
import { type Finding, findingsOf, type Remedy } from './finding';

const { error } = findingsOf('client');

/** Such as `the key 2026-03 as private_key_jwt (ES256)`. */
export async function nameCredentials({ config }: Context, as: ClientAuthentication): Promise<string> {
  if (as === 'none') return 'the client id without credentials (none)';
  if (as === 'assertion_file') return `the token ${await describeFile(config.clientAssertionFile ?? '')}`;
  if (as !== 'private_key_jwt') return `client id and secret as ${as}`;
  const signing = await clientSigningKey();
  return `the key ${readPlainText(signing?.kid, 60)} as private_key_jwt (${signing?.alg})`;
}

/** What an operator compares with the federation that the server knows. The claims are public words. */
async function describeFile(path: string): Promise<string> {
  const token = await readAssertionFile(path).catch(() => null);
  if (token === null) return `in ${path}`;
  const { iss, sub, aud } = decodeJwt(token);
  const words = [`iss ${iss}`, `sub ${sub}`, `aud ${[aud].flat().join(' ')}`];
  return `in ${path} (${words.map((word) => readPlainText(word, 200)).join(', ')})`;
}

/** For credentials that the server rejects in every way. */
export function remedyFor({ config }: Context, as: ClientAuthentication): Remedy {
  const variable = credentialOf[as] ?? 'AUTH_CLIENT_AUTH';
  if (as === 'private_key_jwt') {
    const address = publicAddress('/.well-known/jwks.json');
    return {
      variable,
      mend: `register the public key for this client id at the server, or ${address} as its jwks_uri`,
    };
  }
  if (as === 'assertion_file')
    return {
      variable,
      mend: `let the server trust this issuer and subject for this client id, and let the platform write the audience ${config.issuer}`,
    };
  if (as === 'none')
    return {
      variable,
      mend: 'set it to auto, and AUTH_CLIENT_SECRET or AUTH_CLIENT_KEYS to what the server knows',
    };
  const copy = 'copy AUTH_CLIENT_ID and the secret again; the secret may have expired';
  if (config.clientAuthentication === 'client_secret_jwt')
    return {
      variable: 'AUTH_CLIENT_AUTH',
      mend: `set it to auto, so that the secret itself is tried, or ${copy}`,
    };
  return { variable, mend: copy };
}

/** Null for a failure that is not about the file. */
export function explainFileFailure(failure: unknown, path: string | null): Finding | null {
  const known = findAppError(failure);
  const mend = known === null || path === null ? '' : describeRemedy(known, path);
  if (mend === '') return null;
  return error(`the token of the platform cannot be used (${known?.reason})`, {
    variable: 'AUTH_CLIENT_ASSERTION_FILE',
    mend,
  });
}
