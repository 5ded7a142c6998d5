/**
 * Whether what the metadata offer for authenticating a client is what this client does; its algorithm is among the
 * requirements (oauth/server-requirements.ts).
 * @see RFC 8414 §2
 */
import 'server-only';
import { clientAuthentications, listUsable, methodOf } from '../config/client-authentication';
import { authenticationFor } from '../oauth/client-authentication';
import { type Context, readList, type Server } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, warning, error } = findingsOf('client');

export function checkClientMethods(context: Context, server: Server): Finding[] {
  return [...findMethodProblem(context, server), ...describeFlag(context, server)];
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
