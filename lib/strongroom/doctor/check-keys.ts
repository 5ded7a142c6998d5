/** Whether the server's signing keys load, and one of them fits the configured algorithm. @see RFC 7517 §4, RFC 7518 §3 */
import 'server-only';
import { isRecord } from '../base/guards';
import { fetchFromAuthorizationServer } from '../oauth/authorization-server-fetch';
import { hashOfAlgorithm } from '../oauth/signed-token';
import { type Context, readList, type Server, variableOfEndpoint } from './context';
import { type Finding, findingsOf, type Remedy } from './finding';
import { explainFailure } from './network-failure';

const { ok, error } = findingsOf('keys');

export async function checkKeys(context: Context, server: Server): Promise<Finding[]> {
  const { jwks_uri } = server.metadata;
  if (jwks_uri === undefined)
    return [ok('the server has no ID tokens and no keys: its userinfo endpoint says who the user is')];
  const variable = variableOfEndpoint(context, 'jwks_uri');
  try {
    const response = await fetchFromAuthorizationServer(jwks_uri, {}, context.limits);
    const set: unknown = response.status === 200 ? await response.json().catch(() => null) : null;
    if (isRecord(set) && Array.isArray(set.keys))
      return compareKeys(context, server, set.keys.filter(isRecord));
    const words = `no key set at ${jwks_uri} (status ${response.status})`;
    return [error(words, { variable, mend: 'write the jwks_uri of the server' })];
  } catch (failure) {
    const { words, remedy } = explainFailure(failure, variable, context.config.egressProxyUrl);
    return [error(`the keys cannot be fetched: ${words}`, remedy)];
  }
}

type Jwk = Record<string, unknown>;

function compareKeys({ config }: Context, server: Server, keys: readonly Jwk[]): Finding[] {
  const offered = readList(server, 'id_token_signing_alg_values_supported');
  const usable = Object.keys(hashOfAlgorithm).filter((alg) => keys.some((key) => isKeyFor(key, alg)));
  const wanted = config.signingAlgorithm;
  if (offered !== null && !offered.some((alg) => Object.hasOwn(hashOfAlgorithm, alg)))
    return [
      error(`the server signs ID tokens with ${offered.join(', ')} only, none of which is safe`, atServer),
    ];
  if (wanted !== null && offered !== null && !offered.includes(wanted))
    return [
      error(
        `the server does not sign with ${wanted}`,
        chooseOf(offered.filter((alg) => usable.includes(alg))),
      ),
    ];
  if (usable.length === 0) return [error('none of the keys can verify an ID token', atServer)];
  if (wanted !== null && !usable.includes(wanted))
    return [error(`the server has no key for ${wanted}`, chooseOf(usable))];
  return [ok(`the keys load, and one fits ${wanted ?? usable.join(', ')}`)];
}

const atServer: Remedy = {
  variable: 'AUTH_SIGNING_ALG',
  mend: 'choose an algorithm with a public key for this client at the server, such as RS256',
};

function chooseOf(algorithms: readonly string[]): Remedy {
  return { variable: 'AUTH_SIGNING_ALG', mend: `set it to any, or to ${algorithms.join(' or ')}` };
}

const curveOf: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
/** A modulus of 2048 bits in base64url: shorter keys are rejected. @see RFC 7518 §3.3 */
const minModulusChars = 342;

function isKeyFor({ kty, crv, n, use, alg: only }: Jwk, alg: string): boolean {
  if ((use !== undefined && use !== 'sig') || (only !== undefined && only !== alg)) return false;
  if (alg.startsWith('E') && !alg.startsWith('ES')) return kty === 'OKP' && crv === 'Ed25519';
  if (alg.startsWith('ES')) return kty === 'EC' && crv === curveOf[alg];
  return kty === 'RSA' && typeof n === 'string' && n.length >= minModulusChars;
}
