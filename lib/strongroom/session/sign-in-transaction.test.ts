import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newRandomId } from '../base/random-id';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { buildTransaction } from '../testing/transactions';
import { createCookieJar } from './cookie-jar';
import { seal } from './seal';
import { writeSession } from './session-cookie';
import {
  isTransactionExpired,
  readTransaction,
  removeAllTransactions,
  type SignInTransaction,
  writeTransaction,
} from './sign-in-transaction';

const prefix = '__Host-strongroom-transaction-';

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

describe('a transaction', () => {
  it('AZ-04: has a cookie of its own, HttpOnly, Secure, Lax, and is read back by its state', async () => {
    const jar = createTestJar();
    const [one, two] = [buildTransaction(), buildTransaction({ returnTo: '/dashboard/messages' })];
    await writeTransaction(jar, one);
    await writeTransaction(jar, two);
    expect([...jar.cookies.keys()]).toEqual([prefix + one.id, prefix + two.id]);
    expect(await readTransaction(jar, one.id)).toEqual(one);
    expect(await readTransaction(jar, two.id)).toEqual(two);
    expect(jar.writes[0]?.options).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'lax',
      path: '/',
    });
  });

  it('CA-07: keeps the key of its tokens sealed', async () => {
    const jar = createTestJar();
    const dpopKey = 'd'.repeat(43);
    const transaction = buildTransaction({ dpopKey });
    await writeTransaction(jar, transaction);
    expect(await readTransaction(jar, transaction.id)).toEqual(transaction);
    expect([...jar.cookies.values()].join()).not.toContain('d'.repeat(43));
  });

  it('CB-04: is not found in another browser', async () => {
    const jar = createTestJar();
    const transaction = buildTransaction();
    await writeTransaction(jar, transaction);
    expect(await readTransaction(createTestJar(), transaction.id)).toBeNull();
  });

  it.each([[null], [''], ['x'], ['../../etc/passwd'], ['a'.repeat(1_000_000)], [['a'.repeat(22)]]])(
    'CB-03: a state like %.20j finds nothing',
    async (state) => {
      expect(await readTransaction(createTestJar(), state)).toBeNull();
    },
  );

  it('AZ-04: does not become another transaction by renaming its cookie', async () => {
    const jar = createTestJar();
    const transaction = buildTransaction();
    await writeTransaction(jar, transaction);
    const otherId = newRandomId();
    jar.cookies.set(prefix + otherId, jar.read(prefix + transaction.id) ?? '');
    expect(await readTransaction(jar, otherId)).toBeNull();
  });

  it('CB-17: started for one authorization server, it is not found for another', async () => {
    const jar = createTestJar();
    const transaction = buildTransaction();
    await writeTransaction(jar, transaction);
    useEnvironment({ AUTH_ISSUER: 'https://other.example' });
    expect(await readTransaction(jar, transaction.id)).toBeNull();
  });

  it('CK-05: a seal for another purpose in its place is no transaction', async () => {
    const transaction = buildTransaction();
    const jar = createTestJar([[prefix + transaction.id, await seal('session', transaction, 600)]]);
    expect(await readTransaction(jar, transaction.id)).toBeNull();
  });

  it('CB-07: expires after 15 minutes, and still knows which page was wanted', async () => {
    const jar = createTestJar();
    const transaction = buildTransaction();
    await writeTransaction(jar, transaction);
    expect(isTransactionExpired(transaction, noonSec + 15 * 60 - 1)).toBe(false);
    vi.setSystemTime((noonSec + 15 * 60) * 1000);
    const late = await readTransaction(jar, transaction.id);
    expect(late?.returnTo).toBe('/dashboard/contacts?page=2');
    expect(late !== null && isTransactionExpired(late)).toBe(true);
  });

  it('CB-07: is not found after an hour, even if the browser kept the cookie', async () => {
    const jar = createTestJar();
    const transaction = buildTransaction();
    await writeTransaction(jar, transaction);
    vi.setSystemTime((noonSec + 3_700) * 1000);
    expect(await readTransaction(jar, transaction.id)).toBeNull();
  });
});

describe('many unfinished transactions', () => {
  async function start(jar: ReturnType<typeof createTestJar>, count: number): Promise<SignInTransaction[]> {
    const transactions = Array.from({ length: count }, (_, age) =>
      buildTransaction({ startedAtSec: noonSec + age }),
    );
    for (const transaction of transactions) await writeTransaction(jar, transaction);
    return transactions;
  }

  it('AZ-08: of a hundred only the newest five are kept', async () => {
    const jar = createTestJar();
    const transactions = await start(jar, 100);
    const kept = transactions.slice(-5).map(({ id }) => prefix + id);
    expect([...jar.cookies.keys()].toSorted()).toEqual(kept.toSorted());
  });

  it('CK-09: one with the longest return target still fits a cookie', async () => {
    const jar = createTestJar();
    await writeTransaction(jar, buildTransaction({ returnTo: `/${'a'.repeat(2_047)}` }));
    for (const [name, value] of jar.cookies) expect(name.length + value.length).toBeLessThan(4_096 - 80);
  });

  it.each([
    ['without what the link added', { invitation: 'i'.repeat(512), organization: 'o'.repeat(512) }, 1_900],
    ['without the page, when that is too long too', { invitation: '\u0001'.repeat(512) }, 3_500],
  ])('CK-09: one that a browser would not store is written %s', async (_, parameters, chars) => {
    const jar = createTestJar();
    const transaction = buildTransaction({ returnTo: `/${'a'.repeat(chars)}`, parameters });
    await writeTransaction(jar, transaction);
    const [[name, value] = ['', '']] = jar.cookies;
    // With its attributes a browser takes 4,096 bytes.
    expect(name.length + value.length).toBeLessThan(4_000);
    const { parameters: kept, returnTo } = (await readTransaction(jar, transaction.id)) ?? {};
    expect(kept).toEqual({});
    expect(returnTo).toBe(chars < 2_048 ? transaction.returnTo : '/dashboard');
  });

  it('AZ-08: five of them and the largest session stay within a header of 8 KB', async () => {
    const jar = createTestJar();
    const empty = JSON.stringify(buildSession({ tokens: buildTokens({ accessToken: '' }) })).length;
    const tokens = buildTokens({ accessToken: 'a'.repeat(4_000 - empty) });
    await writeSession(jar, buildSession({ tokens }));
    await start(jar, 5);
    expect([...jar.cookies].map((pair) => pair.join('=')).join('; ').length).toBeLessThan(7_200);
  });

  it('AZ-08: unreadable ones are dropped first', async () => {
    const junk = Array.from({ length: 5 }, (): [string, string] => [prefix + newRandomId(), 'junk']);
    const jar = createTestJar(junk);
    const [transaction] = await start(jar, 1);
    expect(jar.cookies.size).toBe(5);
    expect(jar.cookies.has(prefix + transaction?.id)).toBe(true);
  });

  it('RL-04: of a flooded cookie header only a few cookies are read', async () => {
    const flood = Array.from({ length: 2_000 }, (): [string, string] => [prefix + newRandomId(), 'junk']);
    const cookies = new Map(flood);
    let reads = 0;
    const jar = createCookieJar({
      read: (name) => {
        reads += 1;
        return cookies.get(name);
      },
      names: () => [...cookies.keys()],
      write: (name, value) => void cookies.set(name, value),
    });
    await writeTransaction(jar, buildTransaction());
    expect(reads).toBeLessThanOrEqual(2 * 32 + 20);
  });

  it('AZ-08: sign-out removes them all, and no other cookie', async () => {
    const jar = createTestJar([['other', 'x']]);
    await start(jar, 5);
    removeAllTransactions(jar);
    expect([...jar.cookies.keys()]).toEqual(['other']);
  });
});
