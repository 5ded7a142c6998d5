import { beforeEach, expect, it, vi } from 'vitest';
import { createTestJar } from '../testing/cookie-jar';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment } from '../testing/environment';
import { buildSession } from '../testing/sessions';
import { buildTransaction } from '../testing/transactions';
import { establishSession } from './establish-session';

const logged = vi.hoisted(() => [] as [event: string, fields: Record<string, unknown>][]);
vi.mock('../base/log', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../base/log')>()),
  logEvent: (event: string, fields: Record<string, unknown>) => logged.push([event, fields]),
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
