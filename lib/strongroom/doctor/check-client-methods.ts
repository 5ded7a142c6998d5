/**
 * Whether what the metadata offer for authenticating a client is what this client does, and in which algorithm.
 * @see RFC 8414 §2
 */
import 'server-only';
import { clientAuthentications, listUsable, methodOf } from '../config/client-authentication';
import { authenticationFor } from '../oauth/client-authentication';
import { clientSigningKey } from '../oauth/client-keys';
import { type Context, readList, type Server } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, warning, error } = findingsOf('client');

export async function checkClientMethods(context: Context, server: Server): Promise<Finding[]> {
  return [
    ...findMethodProblem(context, server),
    ...(await findAlgorithmProblem(server)),
    ...describeFlag(context, server),
  ];
}

/** The doctor may read files that Node keeps from the application. */
function describeFlag({ config: { clientAssertionFile: file } }: Context, { metadata }: Server): Finding[] {
  if (file === null || authenticationFor(metadata) !== 'assertion_file') return [];
  return [ok(`the application reads that file when it is started with --allow-fs-read=${file} too`)];
}

function findMethodProblem({ config }: Context, server: Server): Finding[] {
  const offered = readList(server, 'token_endpoint_auth_methods_supported');
  const chosen = authenticationFor(server.metadata);
  if (offered === null || offered.includes(methodOf(chosen))) return [];
  const field = `(token_endpoint_auth_methods_supported: ${offered.join(', ')})`;
  const known = clientAuthentications.filter((one) => offered.includes(one));
  if (known.length === 0)
    return [
      error(`the server authenticates clients in ways only that are not supported here ${field}`, {
        variable: 'AUTH_ISSUER',
        mend: `allow one of these for this client at the server: ${clientAuthentications.map(methodOf).join(', ')}`,
      }),
    ];
  const usable = listUsable(config).filter((one) => offered.includes(one));
  const words = `the metadata do not list ${methodOf(chosen)} ${field}`;
  if (usable.length > 0)
    return [warning(words, { variable: 'AUTH_CLIENT_AUTH', mend: `set it to ${usable.join(' or ')}` })];
  const variable = known.includes('private_key_jwt') ? 'AUTH_CLIENT_KEYS' : 'AUTH_CLIENT_SECRET';
  return [warning(words, { variable, mend: `set it, for ${known.join(' or ')}` })];
}

async function findAlgorithmProblem(server: Server): Promise<Finding[]> {
  const offered = readList(server, 'token_endpoint_auth_signing_alg_values_supported');
  if (offered === null) return [];
  const words = (alg: string) =>
    `the metadata do not list ${alg} for assertions (token_endpoint_auth_signing_alg_values_supported: ${offered.join(', ')})`;
  const chosen = authenticationFor(server.metadata);
  if (chosen === 'client_secret_jwt' && !offered.includes('HS256'))
    return [warning(words('HS256'), { variable: 'AUTH_CLIENT_AUTH', mend: 'set it to another way' })];
  const signing = chosen === 'private_key_jwt' ? await clientSigningKey() : null;
  if (signing === null || offered.includes(signing.alg)) return [];
  return [
    warning(words(signing.alg), {
      variable: 'AUTH_CLIENT_KEYS',
      mend: 'make a key for one of these: npm run keys -- --alg PS256',
    }),
  ];
}
