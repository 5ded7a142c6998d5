/**
 * Sends our authorization request without a user: it is pushed where that is offered, and asked with
 * `prompt=none`, at which a server without a session of ours responds `login_required` to a redirect URI that
 * it knows. No user sees either.
 * @see OIDC Core §3.1.2.1, RFC 9126 §2, RFC 9207
 */
import 'server-only';
import { createHash, randomBytes } from 'node:crypto';
import { findAppError } from '../base/errors';
import type { Api } from '../config/apis';
import { fetchFromAuthorizationServer } from '../oauth/authorization-server-fetch';
import { audienceParameters } from '../oauth/client-request';
import { readErrorResponse } from '../oauth/error-response';
import type { ServerMetadata } from '../oauth/metadata-document';
import { pushAuthorizationRequest } from '../oauth/pushed-authorization';
import { redirectUri } from '../oauth/redirect-uri';
import { signWhereNeeded } from '../oauth/request-object';
import { nameTargets } from '../oauth/requested-targets';
import { type Context, type Server, variableOfEndpoint } from './context';
import { type Finding, findingsOf, type Remedy } from './finding';
import { explainFailure } from './network-failure';

const { ok, warning, error } = findingsOf('sign-in');

/** The code with which the server rejected a request; '' where it did not. */
export type Tried = { code: string; findings: Finding[] };

/** @param leftOut APIs that the request does not ask for */
export async function tryOnce(
  context: Context,
  server: Server,
  leftOut: readonly Api[] = [],
): Promise<Tried> {
  const { metadata } = server;
  if (metadata.pushed_authorization_request_endpoint === undefined || !server.isClientAccepted)
    return tryRequest(context, server, leftOut);
  const pushed = await tryPush(await buildRequest(context, metadata, { leftOut }));
  if (pushed.code !== '' || metadata.require_pushed_authorization_requests === true) return pushed;
  const { code, findings } = await tryRequest(context, server, leftOut);
  return { code, findings: [...pushed.findings, ...findings.filter(({ level }) => level !== 'ok')] };
}

/** As at a sign-in: signed where that is needed. */
function buildRequest(
  { config }: Context,
  metadata: ServerMetadata,
  { leftOut, added = {} }: { leftOut: readonly Api[]; added?: Record<string, string> },
): Promise<URL> {
  const url = new URL(metadata.authorization_endpoint);
  const random = () => randomBytes(32).toString('base64url');
  const parameters = {
    ...config.authorizationParameters,
    ...audienceParameters(),
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: redirectUri(),
    state: random(),
    ...(config.userClaims === null ? { nonce: random() } : {}),
    code_challenge: createHash('sha256').update(random()).digest('base64url'),
    code_challenge_method: 'S256',
    ...added,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const names = leftOut.map(({ name }) => name);
  return signWhereNeeded(nameTargets(url, config.scopes, names), metadata);
}

async function tryPush(url: URL): Promise<Tried> {
  try {
    await pushAuthorizationRequest(url);
    return taken('the server takes our pushed request: redirect URI and scopes are known to it');
  } catch (failure) {
    const known = findAppError(failure);
    const code = known?.errorResponse?.error ?? '';
    if (code === '')
      return found(
        warning(`the request could not be pushed (${known?.reason ?? 'no response'})`, {
          variable: 'AUTH_PAR',
          mend: 'see the log of the server, or set it to when-required',
        }),
      );
    const words = `the server rejects our pushed request: ${describe(code, known?.errorResponse?.description)}`;
    return { code, findings: [error(words, remedyOf(code))] };
  }
}

const found = (finding: Finding): Tried => ({ code: '', findings: [finding] });
const taken = (words: string) => found(ok(words));

async function tryRequest(context: Context, server: Server, leftOut: readonly Api[]): Promise<Tried> {
  const url = await buildRequest(context, server.metadata, { leftOut, added: { prompt: 'none' } });
  const variable = variableOfEndpoint(context, 'authorization_endpoint');
  try {
    const response = await fetchFromAuthorizationServer(url, {}, { ...context.limits, redirects: 'pass' });
    const { status, headers } = response;
    if (status === 404 || status === 405)
      return found(
        error(`no page to sign in at ${url.origin}${url.pathname} (status ${status})`, {
          variable,
          mend: 'write the authorization endpoint of the server',
        }),
      );
    if (status >= 400)
      return found(
        error(
          `the server shows an error (status ${status}) in place of its sign-in page`,
          remedyOf('redirect_uri'),
        ),
      );
    const target = URL.parse(headers.get('location') ?? '', url);
    return target?.href.startsWith(`${redirectUri()}?`)
      ? explainReturn(context, server, target.searchParams)
      : taken('the server shows a page of its own; sign in once to know that it takes the redirect URI');
  } catch (failure) {
    // Browsers may reach what this machine does not.
    const { words, remedy } = explainFailure(failure, variable, context.config.egressProxyUrl);
    return found(warning(`the authorization endpoint cannot be tried from here: ${words}`, remedy));
  }
}

/** The server sent the browser back, so it knows client id and redirect URI. */
function explainReturn({ config }: Context, { metadata }: Server, query: URLSearchParams): Tried {
  const [iss, code] = [query.get('iss'), query.get('error') ?? ''];
  if (iss !== null && iss !== config.issuer)
    return found(
      error('its response names another issuer (iss)', {
        variable: 'AUTH_ISSUER',
        mend: 'write the issuer that sends users back',
      }),
    );
  if (iss === null && metadata.authorization_response_iss_parameter_supported === true)
    return found(
      error('its responses lack iss, which its metadata promise', {
        variable: 'AUTH_ISSUER',
        mend: 'mend authorization_response_iss_parameter_supported there',
      }),
    );
  if (code === '' || silentCodes.has(code))
    return taken('the server knows client id, redirect URI and scopes');
  const words = `the server rejects our request: ${describe(code, query.get('error_description'))}`;
  return { code, findings: [error(words, remedyOf(code))] };
}

/** What `prompt=none` leads to while nobody is signed in. @see OIDC Core §3.1.2.6 */
const silentCodes = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
]);

const remedies: Readonly<Record<string, Remedy>> = {
  invalid_scope: {
    variable: 'AUTH_SCOPES',
    mend: 'name scopes that the server knows and allows this client',
  },
  invalid_target: {
    variable: 'AUTH_AUDIENCE',
    mend: 'write the identifier of the API as the server knows it',
  },
  access_denied: { variable: 'AUTH_AUDIENCE', mend: 'allow this client to ask for that API at the server' },
  unauthorized_client: {
    variable: 'AUTH_CLIENT_ID',
    mend: 'allow the authorization code grant for this client at the server',
  },
  invalid_client: { variable: 'AUTH_CLIENT_ID', mend: 'copy the id again' },
  invalid_request_object: {
    variable: 'AUTH_CLIENT_KEYS',
    mend: 'register the public part of the first key, and its algorithm, for this client at the server',
  },
  request_not_supported: { variable: 'AUTH_REQUEST_OBJECT', mend: 'set it to auto' },
};

/** The other reason for `invalid_request` is by far the most frequent one. */
const redirectRemedy: Remedy = {
  variable: 'AUTH_URL',
  mend: 'register the redirect URI below to the letter, or write AUTH_URL as it is registered; AUTH_CLIENT_ID may be wrong too',
};

function remedyOf(code: string): Remedy {
  return remedies[code] ?? redirectRemedy;
}

function describe(code: string, description: string | null | undefined): string {
  const { error: name, description: words } = readErrorResponse(code, description);
  return words === null ? name : `${name} (${words})`;
}
