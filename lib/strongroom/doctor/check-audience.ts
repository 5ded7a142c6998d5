/**
 * What kind of access token the audience gives, and what the API says to it. Only a server that gives one to
 * the client itself tells without a user.
 * @see RFC 6749 §4.4
 */
import 'server-only';
import { isRecord } from '../base/guards';
import { sendTokenRequest } from '../oauth/client-request';
import { validateTokenResponse } from '../oauth/token-response';
import { askWithToken } from './check-api';
import { type Context, readList, type Server } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, warning } = findingsOf('audience');

export async function checkAudience(context: Context, server: Server): Promise<Finding[]> {
  const { accessTokens } = context.config.provider;
  if (accessTokens === 'jwt_with_audience' && context.config.audience === null) return [withoutAudience];
  if (accessTokens === 'opaque')
    return [ok('access tokens of this server are opaque: only APIs that ask it about them can take them')];
  const unknown = 'whether access tokens are JWTs for the API is known only after a user has signed in';
  if (!readList(server, 'grant_types_supported')?.includes('client_credentials')) return [ok(unknown)];
  const token = await askForToken(context).catch(() => null);
  if (token === null) return [ok(`${unknown}: this client may not ask for one itself`)];
  const { audience } = context.config;
  const named = readAudience(token);
  const remedy = {
    variable: 'AUTH_AUDIENCE',
    mend: 'write the identifier that the API expects in its tokens (aud)',
  };
  if (named !== null && audience !== null && !named.includes(audience))
    return [warning(`the access token is for ${named.join(', ')}, not for ${audience}`, remedy)];
  const response = await askWithToken(context, token).catch(() => null);
  const kind = named === null ? 'an opaque access token' : 'a JWT';
  if (response?.status === 401)
    return [warning(`the audience gives ${kind}, and the API rejects it`, remedy)];
  return [
    ok(
      `the audience gives ${kind}${response === null ? '' : `, and the API responds to it with status ${response.status}`}`,
    ),
  ];
}

const withoutAudience = warning(
  'without an audience, access tokens are opaque and for the userinfo endpoint alone',
  { variable: 'AUTH_AUDIENCE', mend: 'write the identifier of the API as the server knows it' },
);

async function askForToken({ config, limits }: Context): Promise<string> {
  const scopes = config.scopes.filter(
    (scope) => !['openid', 'profile', 'email', 'offline_access'].includes(scope),
  );
  const form: Record<string, string> = scopes.length === 0 ? {} : { scope: scopes.join(' ') };
  return validateTokenResponse(await sendTokenRequest('client_credentials', form, limits)).accessToken;
}

/** The `aud` of a JWT as a list; null for an opaque token. Nothing is verified: the API does that. */
function readAudience(token: string): string[] | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isRecord(claims) ? [claims.aud].flat().filter((aud) => typeof aud === 'string') : null;
  } catch {
    return null;
  }
}
