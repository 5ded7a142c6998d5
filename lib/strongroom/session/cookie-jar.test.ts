import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getConfig } from '../config/config';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { buildTransaction } from '../testing/transactions';
import { countCharsLeft, listTransactionCookies } from './cookie-jar';
import { cookieAttributes, transactionCookieName } from './cookies';
import { removeSession, type SessionFit, writeSession } from './session-cookie';
import { removeTransaction, writeTransaction } from './sign-in-transaction';

const attributes = { ...cookieAttributes(true), maxAge: 60 };

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

/** Three unfinished sign-ins, one a minute, in an order that says nothing about their age. */
async function startThree() {
  const jar = createTestJar();
  const [oldest, newest, middle] = [buildTransaction(), buildTransaction(), buildTransaction()];
  for (const [transaction, minute] of [[newest, 2] as const, [oldest, 0] as const, [middle, 1] as const]) {
    vi.setSystemTime((noonSec + minute * 60) * 1000);
    await writeTransaction(jar, transaction);
  }
  return { jar, names: [oldest, middle, newest].map(({ id }) => transactionCookieName(getConfig(), id)) };
}

describe('a session that ends with its browser', () => {
  it('CK-01: gets cookies without a lifetime, and removes them all the same', async () => {
    useEnvironment({ SESSION_ENDS_WITH_BROWSER: 'yes' });
    const jar = createTestJar();
    await writeSession(jar, buildSession());
    await writeTransaction(jar, buildTransaction());
    expect(jar.writes.map(({ options }) => options)).toEqual([
      cookieAttributes(true),
      cookieAttributes(true),
    ]);
    removeSession(jar);
    expect(jar.writes.at(-1)?.options).toEqual({ ...cookieAttributes(true), maxAge: 0 });
  });
});

describe('the budget of a jar', () => {
  it('CK-11, AZ-08: drops the oldest unfinished sign-ins when the session grows', async () => {
    const { jar, names } = await startThree();
    const tokens = buildTokens({ accessToken: 'a'.repeat(2_500) });
    // The cookie of last seen and a pending action, as long as they get.
    jar.write('__Host-strongroom-last-seen', 'x'.repeat(400), attributes);
    jar.write('__Host-strongroom-pending', 'x'.repeat(1_000), attributes);
    await writeSession(jar, buildSession({ tokens }));
    const kept = listTransactionCookies(jar);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(3);
    expect(new Set(kept)).toEqual(new Set(names.slice(-kept.length)));
  });

  it('AZ-08: drops nothing while everything fits', async () => {
    const { jar, names } = await startThree();
    await writeSession(jar, buildSession());
    expect(new Set(listTransactionCookies(jar))).toEqual(new Set(names));
  });

  it('AZ-08: five tabs sign in at once with access tokens of 1.3 kB: the ID token gives way, and no tab does', async () => {
    const jar = createTestJar();
    const transactions = Array.from({ length: 5 }, () => buildTransaction());
    for (const transaction of transactions) await writeTransaction(jar, transaction);
    const tokens = buildTokens({ accessToken: 'a'.repeat(1_300), idToken: `i.${'d'.repeat(1_000)}.s` });
    const fits: SessionFit[] = [];
    for (const [at, { id }] of transactions.entries()) {
      removeTransaction(jar, id);
      fits.push(await writeSession(jar, buildSession({ id: `session-of-tab-0123456-${at}`, tokens })));
      expect(listTransactionCookies(jar)).toHaveLength(4 - at);
    }
    expect([fits[0], fits.at(-1)]).toEqual(['without_id_token', 'whole']);
  });

  it('AZ-08: never drops the sign-in that is being written', async () => {
    const jar = createTestJar();
    jar.write('__Host-strongroom', 'x'.repeat(6_900), attributes);
    await writeTransaction(jar, buildTransaction());
    expect(listTransactionCookies(jar)).toHaveLength(1);
  });

  it('CK-11: leaves out drafts and cookies of other applications', () => {
    const jar = createTestJar();
    const before = countCharsLeft(jar);
    jar.write('__Host-strongroom-draft', 'x'.repeat(900), attributes);
    jar.write('other', 'x'.repeat(900), attributes);
    expect(countCharsLeft(jar)).toBe(before);
  });
});
