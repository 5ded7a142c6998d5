import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession, noonSec } from '../testing/sessions';
import { isIdle, noteLastSeen, readLastSeen, removeLastSeen } from './last-seen';
import { seal } from './seal';

const name = '__Host-strongroom-last-seen';
const session = buildSession({ endsAtSec: noonSec + 24 * 3600 });
let jar: TestJar;

beforeEach(() => {
  useEnvironment({ SESSION_IDLE_MINUTES: '60' });
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
});
afterEach(() => void vi.useRealTimers());

const at = (sec: number) => vi.setSystemTime((noonSec + sec) * 1000);

/** The session as `loadSession` returns it: with the last-seen cookie read into it. */
const seenIn = async (from: TestJar) => ({ ...session, lastSeenAtSec: await readLastSeen(from, session) });
const isIdleIn = async (from: TestJar) => isIdle(await seenIn(from));

/** Notes a page at this second after noon. */
async function visit(sec: number, isForm = false): Promise<void> {
  at(sec);
  await noteLastSeen(jar, await seenIn(jar), isForm);
}

describe('the idle time', () => {
  it('SE-02: counts from the session’s own time when there is no last-seen cookie', async () => {
    at(3_599);
    expect(await isIdleIn(jar)).toBe(false);
    at(3_600);
    expect(await isIdleIn(jar)).toBe(true);
  });

  it('SE-02: starts again with each page, for this session and not for another', async () => {
    await visit(1_800);
    expect(await readLastSeen(jar, session)).toBe(noonSec + 1_800);
    at(5_399);
    expect(await isIdleIn(jar)).toBe(false);
    at(5_400);
    expect(await isIdleIn(jar)).toBe(true);
    expect(await readLastSeen(jar, { ...session, id: 'session-of-grace-01234' })).toBe(noonSec);
  });

  it('CK-08: is not prolonged by a browser that keeps the cookie longer, because the time is inside the seal', async () => {
    await visit(1_800);
    const kept = new Map(jar.cookies);
    at(12 * 3600);
    expect(await isIdleIn(createTestJar(kept))).toBe(true);
  });

  it('CK-08: an older cookie in the place of a newer one does not set back the session’s own time', async () => {
    await visit(1_800);
    const renewed = { ...session, lastSeenAtSec: noonSec + 3_000 };
    expect(await readLastSeen(jar, renewed)).toBe(noonSec + 3_000);
  });
});

describe('noting a visit', () => {
  it('CK-01: writes one cookie that ends with the idle time', async () => {
    await visit(1_800);
    expect(jar.writes).toHaveLength(1);
    expect(jar.writes[0]).toMatchObject({
      name,
      options: { httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge: 3_600 },
    });
  });

  it.each([
    [5, 15],
    [60, 180],
    [100, 300],
    [1_440, 300],
    [43_200, 300],
  ])('SE-02: with %d minutes of idle time pages are noted every %d seconds', async (minutes, pauseSec) => {
    useEnvironment({ SESSION_IDLE_MINUTES: String(minutes) });
    await visit(pauseSec - 1);
    expect(jar.writes).toHaveLength(0);
    await visit(pauseSec);
    expect(jar.writes).toHaveLength(1);
    await visit(2 * pauseSec - 1);
    expect(jar.writes).toHaveLength(1);
    await visit(2 * pauseSec);
    expect(jar.writes).toHaveLength(2);
  });

  it('SE-02: a form is noted when half the idle time has passed', async () => {
    await visit(1_799, true);
    expect(jar.writes).toHaveLength(0);
    await visit(1_800, true);
    expect(jar.writes).toHaveLength(1);
  });

  it('is removed once, and removing none writes no cookie', async () => {
    await removeLastSeen(jar);
    expect(jar.writes).toEqual([]);
    await visit(1_800);
    await removeLastSeen(jar);
    expect(jar.cookies.size).toBe(0);
  });
});

describe('a last-seen cookie that is not intact', () => {
  const later = { id: session.id, atSec: noonSec + 100_000 };

  it.each<[string, () => Promise<string>]>([
    ['of another session', () => seal('last_seen', { ...later, id: 'session-of-grace-01234' }, 3_600)],
    ['that was sealed for another purpose', () => seal('session', later, 3_600)],
    ['of another shape', () => seal('last_seen', { id: session.id, atSec: 'tomorrow' }, 3_600)],
    ['that was changed', async () => `x${await seal('last_seen', later, 3_600)}`],
    ['that was never sealed', async () => JSON.stringify(later)],
    ['that is empty', async () => ''],
  ])('SE-02, CK-04: %s is ignored, and the session’s own time counts', async (_name, write) => {
    jar.cookies.set(name, await write());
    expect(await readLastSeen(jar, session)).toBe(noonSec);
    at(3_600);
    expect(await isIdleIn(jar)).toBe(true);
  });

  it('CK-04: is replaced at the next visit', async () => {
    jar.cookies.set(name, 'Fe26.2*__proto__*x*x*x**x*x~2');
    await visit(1_800);
    expect(await readLastSeen(jar, session)).toBe(noonSec + 1_800);
  });
});
