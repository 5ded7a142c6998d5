/** What contradicts what is known of the authorization server. Pure. */
import type { ConfigProblem } from './config-problem';
import { presetOf } from './provider-presets';

type Environment = Readonly<Record<string, string | undefined>>;

/** What follows from whose authorization server it is, and from how it says who the user is. */
export function findProviderProblems(written: Environment): ConfigProblem[] {
  const { AUTH_PROVIDER = '', AUTH_ISSUER, AUTH_SCOPES, AUTH_USER_CLAIMS, AUTH_USERINFO_ENDPOINT } = written;
  const { endsWithSlash } = presetOf(AUTH_PROVIDER).issuer;
  const problems: ConfigProblem[] = [];
  const issuer = AUTH_ISSUER?.replace(/\/$/, '');
  if (issuer !== undefined && endsWithSlash === true && issuer === AUTH_ISSUER)
    problems.push({
      variable: 'AUTH_ISSUER',
      problem: `must end with a slash at ${AUTH_PROVIDER}: ${issuer}/`,
    });
  if (endsWithSlash === false && issuer !== AUTH_ISSUER)
    problems.push({
      variable: 'AUTH_ISSUER',
      problem: `must not end with a slash at ${AUTH_PROVIDER}: ${issuer}`,
    });
  if (AUTH_USER_CLAIMS !== undefined && AUTH_USERINFO_ENDPOINT === undefined)
    problems.push({
      variable: 'AUTH_USERINFO_ENDPOINT',
      problem: 'is not set, and AUTH_USER_CLAIMS says that it tells who the user is',
    });
  const scopes = AUTH_SCOPES?.split(/\s+/) ?? ['openid'];
  if (AUTH_USER_CLAIMS === undefined && !scopes.includes('openid'))
    problems.push({
      variable: 'AUTH_SCOPES',
      problem: 'must contain openid: users sign in with OpenID Connect',
    });
  return problems;
}
