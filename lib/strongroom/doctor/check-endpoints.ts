/** Whether the endpoints that no sign-in needs are there: userinfo, revocation and logout. */
import 'server-only';
import { publicAddress } from '../config/public-address';
import { fetchFromAuthorizationServer } from '../oauth/authorization-server-fetch';
import { buildLogoutUrl, chooseLogoutAddress } from '../oauth/rp-initiated-logout';
import { revokeRefreshToken } from '../oauth/token-revocation';
import { type Context, type Server, variableOfEndpoint } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, warning } = findingsOf('endpoints');

export async function checkEndpoints(context: Context, server: Server): Promise<Finding[]> {
  const checks = [checkUserinfo, checkRevocation, checkLogout];
  const findings = (await Promise.all(checks.map((check) => check(context, server)))).flat();
  return findings.length > 0
    ? findings
    : [ok('userinfo, revocation and logout respond, as far as they are named')];
}

async function checkUserinfo(context: Context, { metadata }: Server): Promise<Finding[]> {
  const { userinfo_endpoint: address } = metadata;
  if (address === undefined || !(await isMissing(context, address))) return [];
  const variable = variableOfEndpoint(context, 'userinfo_endpoint');
  return [
    warning(`no userinfo at ${address}`, { variable, mend: 'write the userinfo_endpoint of the server' }),
  ];
}

/** A server says 200 about a token that it does not know. @see RFC 7009 §2.2 */
async function checkRevocation(context: Context, server: Server): Promise<Finding[]> {
  const { revocation_endpoint: address } = server.metadata;
  if (!server.isClientAccepted) return [];
  if (address === undefined || (await revokeRefreshToken('made-up-by-the-doctor')) !== 'failed') return [];
  const variable = variableOfEndpoint(context, 'revocation_endpoint');
  return [
    warning(`tokens cannot be revoked at ${address}`, {
      variable,
      mend: 'write the revocation_endpoint of the server; it authenticates the client as the token endpoint does',
    }),
  ];
}

async function checkLogout(context: Context, { metadata }: Server): Promise<Finding[]> {
  const { logoutUrl, clientId } = context.config;
  const address = chooseLogoutAddress(logoutUrl, metadata.end_session_endpoint);
  if (address === undefined) return [];
  const returnUrl = publicAddress(context.signedOutPath).href;
  const url = buildLogoutUrl(address, { clientId, idTokenHint: null, returnUrl, state: 'made-up' });
  if (!(await isMissing(context, url.href))) return [];
  const variable = logoutUrl === null ? 'AUTH_ISSUER' : 'AUTH_LOGOUT_URL';
  return [
    warning(`no page to sign out at ${url.origin}${url.pathname}`, {
      variable,
      mend: 'write the logout address of the server',
    }),
  ];
}

/** What cannot be reached from here at all may be reached by a browser, so that only a 404 counts. */
async function isMissing({ limits }: Context, address: string): Promise<boolean> {
  const response = await fetchFromAuthorizationServer(address, {}, { ...limits, redirects: 'pass' }).catch(
    () => null,
  );
  return response?.status === 404;
}
