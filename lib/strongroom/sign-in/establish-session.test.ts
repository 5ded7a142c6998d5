import { beforeEach, expect, it, vi } from 'vitest';
import { createTestJar } from '../testing/cookie-jar';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { buildTransaction } from '../testing/transactions';
import { createSession, establishSession } from './establish-session';

const logged = vi.hoisted(() => [] as [event: string, fields: Record<string, unknown>][]);
vi.mock('../base/log', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../base/log')>()),
  logEvent: (event: string, fields: Record<string, unknown>) => logged.push([event, fields]),
  logWarning: (event: string, fields: Record<string, unknown>) => logged.push([event, fields]),
}));
beforeEach(() => {
  useEnvironment({}, { ...testDeclaration, claims: ['department', 'org_id', 'locale'] });
  logged.length = 0;
});

it.each<[Record<string, string>, string | undefined]>([
  [{ department: 'Sales' }, 'org_id locale'],
  [{ department: 'Sales', org_id: 'acme', locale: 'sv' }, undefined],
])(
  'declared claims that the ID token does not have are named in the log: beside %j, %s',
  async (claims, missingClaims) => {
    const session = { ...buildSession(), claims };
    const signedIn = { session, transaction: buildTransaction(), browser: null };
    await establishSession(createTestJar(), signedIn, null);
    const [fields] = logged.flatMap(([event, found]) => (event === 'signed_in' ? [found] : []));
    expect(fields).toEqual(expect.objectContaining({ scopes: session.tokens.scopes.length }));
    expect(fields?.missingClaims).toBe(missingClaims);
  },
);

it('a declared claim that the server keeps elsewhere is named in the log, and the user has no role by it', async () => {
  useEnvironment({}, { ...testDeclaration, roles: { claim: 'groups', names: ['admin'] } });
  const token = { accessToken: 'a', lifetimeSec: 60, refreshToken: null, refreshLifetimeSec: null };
  const tokens = { ...token, idToken: null, scopes: [] };
  const claims = {
    iss: 'https://issuer.example',
    sub: 'ada',
    _claim_names: { groups: 'src1', other: 'src1' },
  };
  const session = await createSession(
    { tokens, claims, requestedAtMs: noonSec * 1000 },
    { scopes: [], dpopKey: null, leftOut: [] },
  );
  expect(session.roles).toEqual([]);
  expect(logged).toEqual([['claims_elsewhere', { claims: 'groups' }]]);
});

it.each([
  [{}, ['openid', 'offline_access'], true],
  [{}, ['openid'], false],
  [{ AUTH_PROVIDER: 'google', AUTH_ISSUER: 'https://accounts.google.com' }, ['openid'], true],
  [{ AUTH_PROVIDER: 'github-like', AUTH_ISSUER: 'https://github.com' }, ['read:user'], false],
])('with %j, a sign-in for %j without a refresh token is a warning: %s', async (env, scopes, isWarned) => {
  useEnvironment(env);
  const session = buildSession({ tokens: buildTokens({ refreshToken: null }) });
  const signedIn = { session, transaction: buildTransaction({ scopes }), browser: null };
  await establishSession(createTestJar(), signedIn, null);
  expect(logged.some(([event]) => event === 'refresh_token_missing')).toBe(isWarned);
});
