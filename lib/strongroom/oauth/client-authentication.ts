/**
 * Proves to the authorization server who this client is: with a secret in the header or in the body, or with a
 * short assertion that is signed anew for each request, so that no server and no log holds a proof that works
 * again.
 * @see RFC 6749 §2.3.1, RFC 7523 §2.2 and §3, OIDC Core §9
 */
import 'server-only';
import { SignJWT } from 'jose';
import type { ClientAuth } from 'oauth4webapi';
import { nowSec } from '../base/clock';
import { AppError } from '../base/errors';
import { newRandomId } from '../base/random-id';
import { type ClientAuthentication, chooseAuthentication } from '../config/client-authentication';
import { getConfig } from '../config/config';
import { readAssertionFile } from './assertion-file';
import { algorithmFields, clientSigningKey } from './client-keys';
import { getMetadata } from './metadata';
import type { ServerMetadata } from './metadata-document';

const assertionSec = 60;
/** What a secret signs with, the one of most servers first. @see RFC 7518 §3.2 */
export const secretAlgorithms = ['HS256', 'HS384', 'HS512'] as const;

/** The way that is configured, or else the one that fits these metadata. */
export function authenticationFor(server: ServerMetadata): ClientAuthentication {
  return chooseAuthentication(getConfig(), server.token_endpoint_auth_methods_supported);
}

/**
 * Adds the client's credentials to a request.
 * @throws AppError `configuration_invalid` when there is no usable key or assertion
 */
export function authenticateClient(as: ClientAuthentication): ClientAuth {
  return async ({ issuer }, _client, body, headers) => {
    const { clientId, clientSecret } = getConfig();
    if (as === 'client_secret_basic' || as === 'client_secret_basic_encoded') {
      const encode = as === 'client_secret_basic_encoded' ? encodeCredential : String;
      const credentials = `${encode(clientId)}:${encode(clientSecret ?? '')}`;
      headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
      return;
    }
    body.set('client_id', clientId);
    if (as === 'none') return;
    if (as === 'client_secret_post') return body.set('client_secret', clientSecret ?? '');
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', await makeAssertion(as, issuer));
  };
}

async function makeAssertion(as: ClientAuthentication, issuer: string): Promise<string> {
  const { clientSecret, clientAssertionFile } = getConfig();
  if (as === 'assertion_file' && clientAssertionFile !== null) return readAssertionFile(clientAssertionFile);
  if (as === 'client_secret_jwt' && clientSecret !== null)
    return signWithSecret(describeClient(issuer), clientSecret);
  const signing = await clientSigningKey();
  if (signing === null) throw new AppError('configuration_invalid', { reason: 'configuration' });
  const { key, kid, alg } = signing;
  return describeClient(issuer).setProtectedHeader({ alg, kid }).sign(key);
}

async function signWithSecret(assertion: SignJWT, secret: string): Promise<string> {
  const { [algorithmFields.assertion]: offered = [] } = await getMetadata();
  const alg = secretAlgorithms.find((one) => offered.includes(one)) ?? secretAlgorithms[0];
  return assertion.setProtectedHeader({ alg }).sign(Buffer.from(secret));
}

/** For this server alone: its issuer is the one audience, as a text. @see FAPI 2.0 Security Profile §5.3.3.1 */
function describeClient(issuer: string): SignJWT {
  const { clientId } = getConfig();
  const atSec = nowSec();
  return new SignJWT()
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setJti(newRandomId())
    .setIssuedAt(atSec)
    .setExpirationTime(atSec + assertionSec);
}

/**
 * Form-encodes an id or a secret as RFC 6749 §2.3.1 asks. Most servers do not decode it, so they are sent as
 * they stand unless the operator says otherwise. Letters, digits and `-`, `.`, `_`, `~`, `*` stay as they are
 * here too, so that a UUID or a random secret reads the same either way.
 */
export function encodeCredential(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1).replaceAll('%7E', '~');
}
