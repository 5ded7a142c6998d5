import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { forgetProcessSingletons, useEnvironment } from '../testing/environment';
import { readSession } from '../testing/read-session';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { buildTransaction } from '../testing/transactions';
import { readIdTokenHint } from './id-token-hint';
import { noteLastSeen } from './last-seen';
import { loadSession } from './load-session';
import { writePendingAction } from './pending-action';
import { seal, unseal } from './seal';
import { fitSession, openSessionCookie, removeSession, writeSession } from './session-cookie';
import { writeTransaction } from './sign-in-transaction';

const name = '__Host-strongroom';

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

describe('the session cookie', () => {
  it('CK-01: is written with its attributes, to the end of the session, and read back', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession());
    expect(jar.writes[0]).toMatchObject({
      name,
      options: { httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge: 3600 },
    });
    expect(jar.writes[0]?.options).not.toHaveProperty('domain');
    expect(await readSession(jar)).toEqual(buildSession());
  });

  it('is null when there is none', async () => {
    expect(await readSession(createTestJar())).toBeNull();
  });

  it('is opened once: a second request gets the same session', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession());
    const [first, second] = [await openSessionCookie(jar), await openSessionCookie(jar)];
    expect(first?.kind === 'opened' && second?.kind === 'opened' && first.value === second.value).toBe(true);
  });

  it('is opened again by another process', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession());
    const first = await readSession(jar);
    forgetProcessSingletons();
    expect(await readSession(jar)).toEqual(first);
  });

  it('SE-02: expires at its end, although it was opened before', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession({ endsAtSec: noonSec + 30 }));
    expect(await readSession(jar)).not.toBeNull();
    vi.setSystemTime((noonSec + 30) * 1000);
    expect(await readSession(jar)).toBeNull();
    vi.setSystemTime((noonSec + 3_600) * 1000);
    expect(await readSession(jar)).toBeNull();
  });

  it('CK-05: a seal for another purpose in its place is no session', async () => {
    const text = await seal('transaction', buildSession(), 600);
    expect(await readSession(createTestJar([[name, text]]))).toBeNull();
  });

  it('CK-05: the cookie of plain http is not read over https', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession());
    expect(await readSession(createTestJar([['strongroom', jar.read(name) ?? '']]))).toBeNull();
  });

  it('SE-11: two users never share a session that was opened before', async () => {
    const jars = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const jar = createTestJar();
        await writeSession(jar, buildSession({ id: `session-${number}-0123456789abcdef` }));
        return jar;
      }),
    );
    for (const round of [1, 2])
      for (const [number, jar] of jars.entries())
        expect((await readSession(jar))?.id, `round ${round}`).toBe(`session-${number}-0123456789abcdef`);
  });

  it('SE-04: is removed with all its parts', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession({ tokens: buildTokens({ accessToken: 'a'.repeat(2_600) }) }));
    expect([...jar.cookies.keys()]).toEqual([`${name}.0`, `${name}.1`]);
    await removeSession(jar);
    expect(jar.cookies.size).toBe(0);
    expect(await readSession(jar)).toBeNull();
  });

  it('CK-09: shrinking from two cookies to one leaves no stale part behind', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession({ tokens: buildTokens({ accessToken: 'a'.repeat(2_600) }) }));
    await writeSession(jar, buildSession());
    expect([...jar.cookies.keys()]).toEqual([name]);
    expect(await readSession(jar)).toEqual(buildSession());
  });
});

describe('a session that is too large', () => {
  const large = 'a'.repeat(2_600);

  it('ID-13: loses the ID token first, and nothing else', () => {
    const session = buildSession({ tokens: buildTokens({ accessToken: large, idToken: large }) });
    const fitted = fitSession(session, 7_000);
    expect(fitted.fit).toBe('without_id_token');
    expect(fitted.data).toEqual({ ...session, tokens: { ...session.tokens, idToken: null } });
  });

  it('keeps the ID token while it fits, and nothing shorter would make the cookie a short one', () => {
    const session = buildSession({
      tokens: buildTokens({ accessToken: 'a'.repeat(1_900), idToken: 'a'.repeat(600) }),
    });
    expect(fitSession(session, 7_000)).toEqual({ fit: 'whole', data: session });
  });

  it('CK-11: with an access token of 1 kB takes 2 kB, and its ID token is in the store', async () => {
    const jar = createTestJar();
    const [accessToken, idToken] = [randomBytes(768), randomBytes(600)].map((bytes) =>
      bytes.toString('base64url'),
    );
    const session = buildSession({ tokens: buildTokens({ accessToken, idToken }) });
    expect(await writeSession(jar, session)).toBe('without_id_token');
    expect(countChars(jar)).toBeLessThanOrEqual(2_048);
    const read = await readSession(jar);
    expect(read).toEqual({ ...session, tokens: { ...session.tokens, idToken: null } });
    expect(await readIdTokenHint(read ?? session)).toBe(idToken);
  });

  it('CK-05: is sealed as every version reads it, where that is short', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession());
    expect(await unseal('session', jar.read(name) ?? '', 3_600)).toMatchObject({ id: buildSession().id });
  });

  it.each([6_000, 12_000, 40_000])(
    'CK-11: an access token of %d bytes is kept in the store',
    async (bytes) => {
      const jar = createTestJar();
      const session = buildSession({ tokens: buildTokens({ accessToken: 'a'.repeat(bytes) }) });
      expect(await writeSession(jar, session)).toBe('by_reference');
      expect(countChars(jar)).toBeLessThan(1_500);
      expect(await readSession(jar)).toEqual(session);
      expect(await openSessionCookie(jar)).toMatchObject({ kind: 'opened', value: { tokens: null } });
    },
  );

  it('CK-11: a session whose tokens the store lost is unreadable, and gets no tokens of another session', async () => {
    const jar = createTestJar();
    await writeSession(jar, buildSession({ tokens: buildTokens({ accessToken: large.repeat(2) }) }));
    forgetProcessSingletons();
    expect(await loadSession(jar)).toMatchObject({
      kind: 'unreadable',
      reason: 'tokens_missing',
    });
  });

  it('CK-11: the largest one that fits leaves room for starting a sign-in', async () => {
    const jar = createTestJar();
    const empty = JSON.stringify(buildSession({ tokens: buildTokens({ accessToken: '' }) })).length;
    const tokens = buildTokens({ accessToken: 'a'.repeat(3_400 - empty) });
    expect(await writeSession(jar, buildSession({ tokens }))).toBe('whole');
    expect(countChars(jar)).toBeGreaterThan(4_600);
    expect(countChars(jar)).toBeLessThan(5_000);
  });

  it('CK-11, AZ-08: all cookies stay within 7,000 characters, with last seen, a pending action and five sign-ins', async () => {
    const jar = createTestJar();
    const empty = JSON.stringify(buildSession({ tokens: buildTokens({ accessToken: '' }) })).length;
    const session = buildSession({ tokens: buildTokens({ accessToken: 'a'.repeat(3_400 - empty) }) });
    await writeSession(jar, session);
    vi.setSystemTime((noonSec + 3_000) * 1000);
    for (let number = 0; number < 5; number += 1) await writeTransaction(jar, buildTransaction());
    await noteLastSeen(jar, session, false);
    const acrValues = ['urn:example:acr:'.padEnd(120, 'x')];
    await writePendingAction(jar, {
      owner: 'm'.repeat(16),
      action: { name: 'delete_item', input: { itemId: 'm'.repeat(64) } },
      requirement: { maxAgeSec: 300, acrValues },
      state: 'waiting',
    });
    await writeTransaction(
      jar,
      buildTransaction({ stepUp: { requirement: { maxAgeSec: 300, acrValues }, pendingId: 'p'.repeat(16) } }),
    );
    expect([...jar.cookies.keys()].map((key) => key.split('-transaction-')[0])).toEqual(
      expect.arrayContaining([`${name}.0`, `${name}-last-seen`, `${name}-pending`, name]),
    );
    expect(countChars(jar)).toBeLessThanOrEqual(7_000);
  });
});

function countChars(jar: TestJar): number {
  return [...jar.cookies].reduce((sum, [key, value]) => sum + key.length + value.length + 3, 0);
}
