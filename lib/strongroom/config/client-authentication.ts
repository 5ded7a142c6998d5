/**
 * The ways in which this client can prove to the authorization server who it is, what each of them needs, and
 * which one is chosen where the operator leaves it open. Pure.
 * @see RFC 6749 §2.3, RFC 7523 §2.2, RFC 8414 §2 (`token_endpoint_auth_methods_supported`)
 */
import type { VariableName } from './variables';

/**
 * Basic takes id and secret as they stand, or form-encoded as RFC 6749 §2.3.1 asks. `assertion_file` is a token
 * of the platform (Kubernetes, SPIFFE, a cloud) that stands in for the assertion of `private_key_jwt`.
 */
export const clientAuthentications = [
  'client_secret_basic',
  'client_secret_basic_encoded',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'assertion_file',
  'none',
] as const;

export type ClientAuthentication = (typeof clientAuthentications)[number];

/** The variable without which a way cannot be used. */
export const credentialOf: Readonly<Record<ClientAuthentication, VariableName | null>> = {
  client_secret_basic: 'AUTH_CLIENT_SECRET',
  client_secret_basic_encoded: 'AUTH_CLIENT_SECRET',
  client_secret_post: 'AUTH_CLIENT_SECRET',
  client_secret_jwt: 'AUTH_CLIENT_SECRET',
  private_key_jwt: 'AUTH_CLIENT_KEYS',
  assertion_file: 'AUTH_CLIENT_ASSERTION_FILE',
  none: null,
};

/** Those that hand the secret itself to the server, and to whoever reads its log. */
export function sendsSecret(authentication: ClientAuthentication): boolean {
  return credentialOf[authentication] === 'AUTH_CLIENT_SECRET' && authentication !== 'client_secret_jwt';
}

/** What a server calls it. */
export function methodOf(authentication: ClientAuthentication): string {
  if (authentication === 'client_secret_basic_encoded') return 'client_secret_basic';
  return authentication === 'assertion_file' ? 'private_key_jwt' : authentication;
}

type Credentials = {
  clientAuthentication: ClientAuthentication | 'auto';
  clientSecret: string | null;
  clientKeys: readonly unknown[];
  clientAssertionFile: string | null;
};

/** Those for which there is what they need, in the order in which they are preferred. */
export function listUsable({
  clientSecret,
  clientKeys,
  clientAssertionFile,
}: Credentials): ClientAuthentication[] {
  return [
    ...(clientAssertionFile === null ? [] : ['assertion_file' as const]),
    ...(clientKeys.length === 0 ? [] : ['private_key_jwt' as const]),
    ...(clientSecret === null ? [] : secretAuthentications),
  ];
}

const secretAuthentications = clientAuthentications.filter(
  (one) => credentialOf[one] === 'AUTH_CLIENT_SECRET',
);

/**
 * A file comes before keys, and keys before a secret, which goes where the server looks for it.
 * @param offered `token_endpoint_auth_methods_supported`; undefined means Basic
 */
export function chooseAuthentication(
  config: Credentials,
  offered: readonly string[] = ['client_secret_basic'],
): ClientAuthentication {
  const { clientAuthentication: chosen } = config;
  if (chosen !== 'auto') return chosen;
  const usable = listUsable(config);
  const [preferred = 'none'] = usable;
  if (credentialOf[preferred] !== 'AUTH_CLIENT_SECRET') return preferred;
  // What the metadata do not offer is tried nevertheless: not all of them are true.
  return usable.find((one) => offered.includes(one)) ?? preferred;
}
