/** Whether the API can be reached, and what it says to no token and to a made-up one. @see RFC 6750 §3 */
import 'server-only';
import { sendWithToken } from '../api/send-request';
import { sendWhole } from '../base/http-client';
import { findClockDifference } from './check-clock';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';
import { explainFailure } from './network-failure';

const { ok, warning, error } = findingsOf('API');

export async function checkApi(context: Context): Promise<Finding[]> {
  const { config, apiVariable: variable } = context;
  try {
    const [bare, made] = await Promise.all([
      askWithoutToken(context),
      askWithToken(context, 'made-up-by-the-doctor'),
    ]);
    return [...explainResponses(context, bare, made), ...findClockDifference(bare.headers, 'API')];
  } catch (failure) {
    const { words, remedy } = explainFailure(failure, variable, config.egressProxyUrl);
    return [error(`${config.apiBaseUrl} cannot be reached: ${words}`, remedy)];
  }
}

const headers = () => new Headers({ accept: 'application/json' });
const addressOf = ({ config }: Context) => new URL(config.apiBaseUrl);

function askWithoutToken(context: Context): Promise<Response> {
  const request = { method: 'GET', headers: headers(), body: null };
  return sendWhole(addressOf(context), request, { ...context.limits, redirects: 'pass' });
}

export async function askWithToken(context: Context, token: string): Promise<Response> {
  const request = { method: 'GET', url: addressOf(context), headers: headers(), body: null };
  const limits = { ...context.limits, redirects: 'pass' } as const;
  const { response } = await sendWithToken({ accessToken: token, dpopKey: null }, request, (url, sent) =>
    sendWhole(url, sent, limits),
  );
  return response;
}

/** By the status without a token, and then by the one with a token that no server issued. */
function explainResponses(context: Context, bare: Response, made: Response): Finding[] {
  const { apiVariable: variable } = context;
  if (bare.status >= 300 && bare.status < 400)
    return [
      warning('the API redirects, and no request of a user follows', {
        variable,
        mend: `write the address behind the redirect: ${nameTarget(bare, context)}`,
      }),
    ];
  if (bare.status === 404 && made.status === 404) return [explainNotFound(context, bare)];
  if (bare.status < 300)
    return [
      warning(
        `the API responds without a token (status ${bare.status}): it is unprotected, or another server`,
        { variable, mend: 'write the address of the API, or protect it' },
      ),
    ];
  if (bare.status >= 500)
    return [warning(`the API responds with status ${bare.status}`, { variable, mend: 'see its log' })];
  if (bare.status !== 401)
    return [ok(`the API responds to a request without a token with status ${bare.status}`)];
  if (made.status < 300)
    return [
      warning('the API takes a token that no server issued', { variable, mend: 'verify tokens there' }),
    ];
  if (made.status !== 401)
    return [
      warning(`the API says ${made.status} to an invalid token, so that expired ones look like an outage`, {
        variable,
        mend: 'let it respond with 401 (RFC 6750 §3.1)',
      }),
    ];
  return [
    ok(
      `the API asks for a token (401${bare.headers.get('www-authenticate') === null ? ', without a challenge' : ''}), and rejects a made-up one`,
    ),
  ];
}

/** Many an API has nothing at its base address; what is no API at all says so in HTML, or in no words. */
function explainNotFound({ apiVariable: variable }: Context, { headers: received }: Response): Finding {
  const isJson = /\bjson\b/i.test(received.get('content-type') ?? '');
  if (isJson)
    return ok('the API responds; whether its base address is right is known only with its first path');
  return warning('404 with and without a token, and not in JSON: the base address may be wrong', {
    variable,
    mend: 'write the address that the paths of the API are appended to',
  });
}

function nameTarget({ headers: received }: Response, context: Context): string {
  const target = URL.parse(received.get('location') ?? '', addressOf(context));
  return target === null ? 'unknown' : target.origin + target.pathname;
}
