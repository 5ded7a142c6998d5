/**
 * What the server offers, what it requires, and which protections are on for that reason.
 * @see RFC 9700 §2, RFC 7636, RFC 9126, RFC 9207, RFC 9449
 */
import 'server-only';
import { describeProtections, protectionsAt } from '../oauth/protections';
import { chooseLogoutAddress } from '../oauth/rp-initiated-logout';
import { findUnmetRequirements } from '../oauth/server-requirements';
import { type Context, readList, type Server } from './context';
import { type Finding, findingsOf, type Remedy } from './finding';

const { ok, warning, error } = findingsOf('protections');

export async function checkProtections(context: Context, server: Server): Promise<Finding[]> {
  return [
    await describeLevel(server),
    ...findUnsupported(context, server),
    ...findPushProblems(context, server),
    ...findMissing(context, server),
  ];
}

/** The protection level that follows, as `/readyz` says it too. */
async function describeLevel({ metadata }: Server): Promise<Finding> {
  const protections = await protectionsAt(metadata);
  const hasPush = metadata.pushed_authorization_request_endpoint !== undefined;
  const more = hasPush && !protections.isPushed ? '; offered too: pushed requests (AUTH_PAR)' : '';
  return ok(`a sign-in has ${describeProtections(protections)}${more}`);
}

/** What the metadata require and this version cannot do. */
function findUnsupported({ config }: Context, server: Server): Finding[] {
  const challenges = readList(server, 'code_challenge_methods_supported');
  const types = readList(server, 'response_types_supported');
  const at = (name: string) => ({
    variable: 'AUTH_ISSUER',
    mend: `allow it for this client at the server (${name})`,
  });
  return [
    ...(challenges !== null && !challenges.includes('S256')
      ? [error('the server takes no PKCE challenge of the kind S256', at('code_challenge_methods_supported'))]
      : []),
    ...(types !== null && !types.includes('code')
      ? [error('the server does not offer the response type code', at('response_types_supported'))]
      : []),
    ...findUnmetRequirements(config, server.metadata).map(({ words, metadataField, variable, mend }) =>
      error(`${words} (${metadataField})`, { variable, mend }),
    ),
  ];
}

function findPushProblems({ config }: Context, { metadata }: Server): Finding[] {
  if (metadata.pushed_authorization_request_endpoint !== undefined) return [];
  // The requirements of the profile say so already.
  if (config.securityProfile === 'fapi2') return [];
  if (metadata.require_pushed_authorization_requests === true)
    return [
      error('the server requires pushed requests and names no endpoint for them', {
        variable: 'AUTH_ISSUER',
        mend: 'mend pushed_authorization_request_endpoint in its metadata',
      }),
    ];
  if (config.pushedRequests !== 'always') return [];
  return [
    error('the server has no endpoint for pushed requests', {
      variable: 'AUTH_PAR',
      mend: 'set it to when-offered',
    }),
  ];
}

/** What signing out and staying signed in need. */
function findMissing({ config }: Context, server: Server): Finding[] {
  const { metadata, document } = server;
  const { lacks, refreshTokens } = config.provider;
  const grants = readList(server, 'grant_types_supported');
  const cannotRefresh =
    (grants !== null && !grants.includes('refresh_token')) ||
    (refreshTokens === 'by_scope' && !config.scopes.includes('offline_access'));
  const missing = (what: 'logout' | 'revocation', words: string, remedy: Remedy) =>
    lacks.includes(what) ? ok(`${words}, and has none`) : warning(words, remedy);
  return [
    ...(chooseLogoutAddress(config.logoutUrl, metadata.end_session_endpoint) === undefined
      ? [
          missing(
            'logout',
            'signing out ends the session here and not at the server, which names no end_session_endpoint',
            { variable: 'AUTH_LOGOUT_URL', mend: 'name its logout address' },
          ),
        ]
      : []),
    ...(metadata.revocation_endpoint === undefined
      ? [
          missing(
            'revocation',
            'signing out cannot revoke the refresh token: the server names no revocation_endpoint',
            { variable: 'AUTH_REVOCATION_ENDPOINT', mend: 'name it, if there is one' },
          ),
        ]
      : []),
    ...(document.backchannel_logout_supported === true && !config.isBackchannelLogoutOn
      ? [
          warning('the server offers back-channel logout, which is off here', {
            variable: 'AUTH_BACKCHANNEL_LOGOUT',
            mend: 'set REDIS_URL, or this to single-instance when there is one',
          }),
        ]
      : []),
    ...(cannotRefresh
      ? [
          warning('users sign in again when their access token expires: no refresh token is to be had', {
            variable: 'AUTH_SCOPES',
            mend: 'add offline_access, and allow refresh tokens for this client at the server',
          }),
        ]
      : []),
  ];
}
