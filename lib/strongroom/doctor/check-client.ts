/**
 * Whether the server takes our client credentials, found out without a user: it is sent a code that it never
 * issued. `invalid_grant` is about that code, so the client was accepted before.
 * @see RFC 6749 §5.2
 */
import 'server-only';
import { isRecord } from '../base/guards';
import { type ClientAuthentication, listUsable, sendsSecret } from '../config/client-authentication';
import { authenticationFor } from '../oauth/client-authentication';
import { sendTokenRequest } from '../oauth/client-request';
import { createDpopKey } from '../oauth/dpop';
import { needsDpop } from '../oauth/dpop-support';
import { readErrorResponse, standardCode } from '../oauth/error-response';
import { getMetadata } from '../oauth/metadata';
import { redirectUri } from '../oauth/redirect-uri';
import { explainFileFailure, nameCredentials, remedyFor } from './client-credentials';
import { type Context, readList, type Server, variableOfEndpoint } from './context';
import { type Finding, findingsOf, type Remedy } from './finding';
import { explainFailure } from './network-failure';

const { ok, warning, error } = findingsOf('client');

/** The server's error code, or a status where the response has none. */
type Response = { status: number; code: string | null; description: string | null };

export async function checkClient(context: Context, server: Server): Promise<Finding[]> {
  const variable = variableOfEndpoint(context, 'token_endpoint');
  const { config } = context;
  const chosen = authenticationFor(server.metadata);
  try {
    const response = await exchangeMadeUpCode(context, chosen);
    if (isRejected(response)) return [await explainRejectedClient(context, server, chosen)];
    return [explainOther(response, await nameCredentials(context, chosen), variable)];
  } catch (failure) {
    const ofFile = explainFileFailure(failure, config.clientAssertionFile);
    if (ofFile !== null) return [ofFile];
    const { words, remedy } = explainFailure(failure, variable, config.egressProxyUrl);
    return [error(`the token endpoint cannot be used: ${words}`, remedy)];
  }
}

async function exchangeMadeUpCode({ limits }: Context, as: ClientAuthentication): Promise<Response> {
  const form = {
    code: 'made-up-by-the-doctor',
    redirect_uri: redirectUri(),
    code_verifier: 'made-up-by-the-doctor'.padEnd(43, '-'),
  };
  const dpopKey = (await needsDpop(await getMetadata())) ? await createDpopKey() : null;
  const { status, text } = await sendTokenRequest('authorization_code', form, { ...limits, as, dpopKey });
  const body = parseJson(text);
  const { error: said, description } = readErrorResponse(body.error, body.error_description);
  const code = standardCode(said);
  return { status, code: code === '' ? null : code, description };
}

/** Some servers have other codes than `invalid_client` beside the status that belongs to it. */
function isRejected({ status, code }: Response): boolean {
  if (code === 'invalid_client') return true;
  return status === 401 && (code === null || (code !== 'invalid_grant' && remedies[code] === undefined));
}

/**
 * One of the other ways may be what the server takes: a header, the body, an assertion, or no credentials. A
 * secret that the operator chose not to send is not sent here either.
 */
async function explainRejectedClient(
  context: Context,
  server: Server,
  chosen: ClientAuthentication,
): Promise<Finding> {
  const { config } = context;
  const maySend = config.clientAuthentication === 'auto' || sendsSecret(chosen);
  const others = [...listUsable(config), 'none' as const].filter(
    (other) =>
      other !== chosen &&
      (maySend || !sendsSecret(other)) &&
      !(other === 'client_secret_basic' && config.clientId.includes(':')),
  );
  const responses = await Promise.all(
    others.map((as) =>
      exchangeMadeUpCode(context, as).catch((): Response => ({ status: 401, code: null, description: null })),
    ),
  );
  const accepted = others.find((_, index) => responses[index]?.code === 'invalid_grant');
  if (accepted !== undefined)
    return error(`the server takes ${await nameCredentials(context, accepted)}, not as ${chosen}`, {
      variable: 'AUTH_CLIENT_AUTH',
      mend: `set it to ${accepted}`,
    });
  const methods = readList(server, 'token_endpoint_auth_methods_supported');
  const listed = methods === null ? '' : `; its metadata list ${methods.join(', ')}`;
  return error(
    `the server rejects ${await nameCredentials(context, chosen)}${listed}`,
    remedyFor(context, chosen),
  );
}

function explainOther(
  { status, code, description }: Response,
  credentials: string,
  variable: string,
): Finding {
  if (code === 'invalid_grant') return ok(`the server accepts ${credentials}`);
  const said = `the token endpoint says ${code ?? `status ${status}`}${description === null ? '' : ` (${description})`}`;
  const remedy = code === null ? undefined : remedies[code];
  if (remedy !== undefined) return error(said, remedy);
  if (code === null)
    return error(`${said}, which no token endpoint does`, {
      variable,
      mend: 'write the address of the token endpoint',
    });
  return warning(`${said}; whether it accepts the client cannot be known`, {
    variable,
    mend: 'look this up in its documents',
  });
}

const remedies: Readonly<Record<string, Remedy | undefined>> = {
  unauthorized_client: {
    variable: 'AUTH_CLIENT_ID',
    mend: 'allow the authorization code grant for this client at the server',
  },
  unsupported_grant_type: {
    variable: 'AUTH_CLIENT_ID',
    mend: 'allow the authorization code grant at the server',
  },
  invalid_target: {
    variable: 'AUTH_AUDIENCE',
    mend: 'write the identifier of the API as the server knows it',
  },
  use_dpop_nonce: { variable: 'AUTH_DPOP', mend: 'set it to always' },
  invalid_dpop_proof: { variable: 'AUTH_DPOP', mend: 'set it to always; if it is, compare the clocks' },
};

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
