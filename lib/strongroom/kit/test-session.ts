/** A session that no authorization server has begun, sealed as the application seals its own. */
import 'server-only';
import { nowSec } from '../base/clock';
import { newRandomId } from '../base/random-id';
import { getConfig, listConfigProblems } from '../config/config';
import { type Declaration, getDeclaration, setDeclaration } from '../config/declaration';
import { createCookieJar } from '../session/cookie-jar';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { writeTestToken } from './test-token';
import type { TestCookie, TestUser } from './test-user';

/** Longer than a test: no token is due for a refresh, which only an authorization server could give. */
const tokenSec = 86_400;

export async function sealTestSession(declaration: Declaration, user: TestUser): Promise<TestCookie[]> {
  setDeclaration(declaration);
  const problems = listConfigProblems().map(({ variable, problem }) => `${variable} ${problem}`);
  if (problems.length > 0) throw new Error(`The environment of the test: ${problems.join('; ')}.`);
  const written = new Map<string, string>();
  const jar = createCookieJar({
    read: (name) => written.get(name),
    names: () => [...written.keys()],
    write: (name, value) => void written.set(name, value),
  });
  if ((await writeSession(jar, buildSession(user))) === 'by_reference')
    throw new Error('This user does not fit a cookie: give it fewer or shorter claims.');
  const { isHttps, appUrl } = getConfig();
  const { hostname } = new URL(appUrl);
  const attributes = {
    domain: hostname,
    path: '/',
    httpOnly: true,
    secure: isHttps,
    sameSite: 'Lax',
  } as const;
  return [...written].map(([name, value]) => ({ name, value, ...attributes }));
}

function buildSession({ subject = 'test-user', ...user }: TestUser): Session {
  const { name = 'Test User', email = null, picture = null, claims = {}, roles = [] } = user;
  rejectUndeclared(Object.keys(claims), getDeclaration().claims, 'claims');
  rejectUndeclared(roles, getDeclaration().roles?.names ?? [], 'roles');
  const now = nowSec();
  return {
    id: newRandomId(),
    user: { issuer: getConfig().issuer, subject, name, email, picture },
    tokens: buildTokens({ subject, ...user }, now),
    tokenReplacedAtSec: null,
    apiTokensReplacedAtSec: {},
    startedAtMs: now * 1000,
    lastSeenAtSec: now,
    endsAtSec: now + (user.expiresInSec ?? 3_600),
    predecessors: [],
    providerSessionId: null,
    authTimeSec: user.authTimeSec ?? now,
    acr: user.acr ?? null,
    claims: { ...claims },
    roles: [...roles],
    binding: null,
  };
}

function buildTokens(user: TestUser & { subject: string }, now: number): Session['tokens'] {
  const { scopes: all, apis } = getConfig();
  const scopes = [...new Set(['openid', 'profile', 'email', ...(user.permissions ?? all)])];
  rejectUndeclared(user.permissions ?? [], all, 'permissions');
  rejectUndeclared(
    user.apis ?? [],
    apis.map(({ name }) => name),
    'apis',
  );
  const given: readonly string[] = user.apis ?? apis.map(({ name }) => name);
  const tokenOf = (tokenName: string | null) => {
    const sharing = apis.filter((api) => api.tokenName === tokenName).map(({ name }) => name);
    const token = { apis: sharing, subject: user.subject, permissions: scopes };
    return writeTestToken(token);
  };
  const times = { expiresAtSec: now + tokenSec, obtainedAtSec: now };
  const others = apis.flatMap(({ tokenName, target, name }) => {
    if (tokenName === null) return [];
    return [
      [
        tokenName,
        { accessToken: given.includes(name) ? tokenOf(tokenName) : null, ...times, target },
      ] as const,
    ];
  });
  return {
    ...{ accessToken: tokenOf(null), ...times, target: apis[0].target },
    ...{ refreshToken: 'strongroom-test', refreshEndsAtSec: null, previousRefreshKey: null, refreshes: 0 },
    ...{ idToken: null, dpopKey: null, scopes, apiTokens: Object.fromEntries(others) },
  };
}

/**
 * What the application does not know would be missing from the page for another reason than the test thinks.
 */
function rejectUndeclared(given: readonly string[], declared: readonly string[], member: string): void {
  const unknown = given.filter((name) => !declared.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `The declaration has no ${unknown.join(', ')} among its ${member}: ${declared.join(', ')}.`,
    );
}
