/**
 * What a browser may send instead of our cookies: thousands of changes of each, and pieces of other cookies
 * and other users.
 */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newRandomId } from '../base/random-id';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { budget } from '../testing/fuzz-budget';
import { mutantOf } from '../testing/mutations';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { buildTransaction } from '../testing/transactions';
import type { CookieJar } from './cookie-jar';
import { readDraft, removeDraft, writeDraft } from './draft';
import { noteLastSeen, readLastSeen, removeLastSeen } from './last-seen';
import { inspectSession } from './load-session';
import { readPendingAction, removePendingAction, writePendingAction } from './pending-action';
import { readSealText } from './sealed-cookie';
import { removeSession, writeSession } from './session-cookie';
import { readTransaction, removeAllTransactions, writeTransaction } from './sign-in-transaction';

const base = '__Host-strongroom';
const transactionIds = { ada: newRandomId(), grace: newRandomId() };
const users = ['ada', 'grace'] as const;
type UserName = (typeof users)[number];

function sessionOf(user: UserName, tokenChars = 20) {
  const session = buildSession({ tokens: buildTokens({ accessToken: 'a'.repeat(tokenChars) }) });
  return { ...session, id: `session-of-${user}-0123456`, user: { ...session.user, subject: user } };
}

const transactionOf = (user: UserName) => buildTransaction({ id: transactionIds[user], nonce: user });

type Cookie = {
  name: string;
  write(jar: CookieJar, user: UserName): Promise<unknown>;
  /** What the application reads from it: `nothing` when it is not intact. */
  read(jar: CookieJar): Promise<unknown>;
  nothing: unknown;
  remove(jar: CookieJar): unknown;
};

const unreadable = { kind: 'unreadable', session: null };
const session: Cookie = {
  name: base,
  write: (jar, user) => writeSession(jar, sessionOf(user)),
  read: async (jar) => {
    // An empty cookie counts as none.
    if (readSealText(jar, base) === '') return unreadable;
    const { reason: _, ...loaded } = { reason: null, ...(await inspectSession(jar)) };
    return loaded;
  },
  nothing: unreadable,
  remove: removeSession,
};
const sessionInParts: Cookie = {
  ...session,
  write: (jar, user) => writeSession(jar, sessionOf(user, 2_600)),
};
const cookies: Record<string, Cookie> = {
  session,
  'session in parts': sessionInParts,
  'last-seen': {
    name: `${base}-last-seen`,
    write: (jar, user) => noteLastSeen(jar, { id: sessionOf(user).id, lastSeenAtSec: 0 }, false),
    read: (jar) => readLastSeen(jar, { id: sessionOf('ada').id, lastSeenAtSec: 7 }),
    nothing: 7,
    remove: removeLastSeen,
  },
  transaction: {
    name: `${base}-transaction-${transactionIds.ada}`,
    write: (jar, user) => writeTransaction(jar, transactionOf(user)),
    read: (jar) => readTransaction(jar, transactionIds.ada),
    nothing: null,
    remove: removeAllTransactions,
  },
  draft: {
    name: `${base}-draft`,
    write: (jar, user) => writeDraft(jar, { owner: user, key: 'k', text: 'Dear Grace,' }),
    read: (jar) => readDraft(jar, 'ada'),
    nothing: null,
    remove: removeDraft,
  },
  'pending action': {
    name: `${base}-pending`,
    write: (jar, user) =>
      writePendingAction(jar, {
        owner: user,
        action: { name: 'export_all', input: {} },
        requirement: null,
        state: 'waiting',
      }),
    read: (jar) => readPendingAction(jar, 'ada'),
    nothing: null,
    remove: removePendingAction,
  },
};

type Sample = { cookie: Cookie; user: UserName; jar: TestJar };

let samples: Sample[];
beforeEach(async () => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  samples = [];
  for (const cookie of Object.values(cookies))
    for (const user of users) {
      const jar = createTestJar();
      await cookie.write(jar, user);
      samples.push({ cookie, user, jar });
    }
});
afterEach(() => void vi.useRealTimers());

/** A browser with this one cookie. */
function jarOf(cookie: Cookie, user: UserName): TestJar {
  const isMeant = (sample: Sample) => sample.cookie === cookie && sample.user === user;
  return createTestJar(samples.find(isMeant)?.jar.cookies);
}

const textOf = (jar: TestJar, { name }: Cookie) => readSealText(jar, name);

/** The texts of every cookie of both users, in parts where they are split, except Ada's own of this one. */
function listOthers(cookie: Cookie): string[] {
  const isOther = (sample: Sample) => sample.cookie !== cookie || sample.user !== 'ada';
  return samples.filter(isOther).flatMap(({ jar }) => [...jar.cookies.values()]);
}

/**
 * Texts that are no change: the cookie's own, and for a session the whole cookie of the other user, which is
 * that user's session.
 */
function listIntact(cookie: Cookie): string[] {
  const isIntact = (sample: Sample) =>
    sample.cookie.name === cookie.name && (sample.user === 'ada' || cookie.name === base);
  return samples.filter(isIntact).map(({ jar }) => textOf(jar, cookie));
}

describe.each(Object.entries(cookies))('the %s cookie', (_what, cookie) => {
  it('is read when it is unchanged', async () => {
    expect(await cookie.read(jarOf(cookie, 'ada'))).not.toEqual(cookie.nothing);
  });

  it('CK-04, CK-05: is unreadable after any change, causes no error, and can be removed and replaced', async () => {
    const good = jarOf(cookie, 'ada');
    const [others, intact] = [listOthers(cookie), listIntact(cookie)];
    const changes = [...good.cookies].map(([name, value]) =>
      fc.tuple(fc.constant(name), mutantOf(value, others)),
    );
    const run = fc.asyncProperty(fc.oneof(...changes), async ([name, mutant]) => {
      const jar = createTestJar([...good.cookies, [name, mutant]]);
      fc.pre(!intact.includes(textOf(jar, cookie)));
      expect(await cookie.read(jar)).toEqual(cookie.nothing);
      await cookie.remove(jar);
      expect(textOf(jar, cookie)).toBe('');
      jar.cookies.set(name, mutant);
      await cookie.write(jar, 'ada');
      expect(await cookie.read(jar)).not.toEqual(cookie.nothing);
    });
    await fc.assert(run, budget(800));
  });

  it('CK-05: every other cookie of either user in its place is unreadable', async () => {
    const intact = listIntact(cookie);
    for (const text of listOthers(cookie))
      if (!intact.includes(text))
        expect(await cookie.read(createTestJar([[cookie.name, text]]))).toEqual(cookie.nothing);
  });

  it('CK-10: stray cookies of similar names do not change what is read', async () => {
    const jar = jarOf(cookie, 'ada');
    const before = await cookie.read(jar);
    for (const suffix of ['.7', 'X', '.', '.x', '.-1', '.00', '.1.0', ' .0', '.4'])
      jar.cookies.set(cookie.name + suffix, 'junk');
    expect(await cookie.read(jar)).toEqual(before);
  });
});

describe('a session in parts', () => {
  it('CK-10: parts of two users or two generations, or in another order or number, are unreadable in every combination', async () => {
    const renewed = jarOf(sessionInParts, 'ada');
    await sessionInParts.write(renewed, 'ada');
    const jars = [...users.map((user) => jarOf(sessionInParts, user)), renewed];
    const intact = ['', ...jars.map((jar) => textOf(jar, sessionInParts))];
    const pieces = ['', ...jars.flatMap((jar) => [...jar.cookies.values()])];
    expect(pieces).toHaveLength(7);
    for (const [first, second, third] of pieces.flatMap((a) =>
      pieces.flatMap((b) => pieces.map((c) => [a, b, c])),
    )) {
      const parts = Object.entries({ 0: first, 1: second, 2: third });
      const jar = createTestJar(parts.map(([part, text]) => [`${base}.${part}`, text ?? '']));
      if (!intact.includes(textOf(jar, sessionInParts)))
        expect(await sessionInParts.read(jar)).toEqual(unreadable);
    }
  });
});
