import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildAttempt } from '@/lib/testing/attempts';
import { createTestJar } from '@/lib/testing/cookie-jar';
import { useEnvironment } from '@/lib/testing/environment';
import { buildSession, buildTokens, noonSec } from '@/lib/testing/sessions';
import {
  type Attempt,
  isExpiredAttempt,
  newAttemptId,
  readAttempt,
  removeAllAttempts,
  writeAttempt,
} from './attempt';
import { isAttemptId } from './cookies';
import { seal } from './seal';
import { writeSession } from './session-cookie';

const prefix = '__Host-strongroom-attempt-';

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

describe('the id of an attempt', () => {
  it('AZ-03: is new each time and says nothing', () => {
    const ids = Array.from({ length: 2_000 }, newAttemptId);
    expect(new Set(ids).size).toBe(2_000);
    expect(ids.every(isAttemptId)).toBe(true);
    expect(Buffer.from(ids[0] ?? '', 'base64url')).toHaveLength(16);
  });
});

describe('an attempt', () => {
  it('AZ-04: has a cookie of its own, HttpOnly, Secure, Lax, and is read back by its state', async () => {
    const jar = createTestJar();
    const [one, two] = [buildAttempt(), buildAttempt({ returnTo: '/dashboard/messages' })];
    await writeAttempt(jar, one);
    await writeAttempt(jar, two);
    expect([...jar.cookies.keys()]).toEqual([prefix + one.id, prefix + two.id]);
    expect(await readAttempt(jar, one.id)).toEqual(one);
    expect(await readAttempt(jar, two.id)).toEqual(two);
    expect(jar.writes[0]?.options).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'lax',
      path: '/',
    });
  });

  it('CB-04: is not found in another browser', async () => {
    const jar = createTestJar();
    const attempt = buildAttempt();
    await writeAttempt(jar, attempt);
    expect(await readAttempt(createTestJar(), attempt.id)).toBeNull();
  });

  it.each([[null], [''], ['x'], ['../../etc/passwd'], ['a'.repeat(1_000_000)], [['a'.repeat(22)]]])(
    'CB-03: a state like %.20j finds nothing',
    async (state) => {
      expect(await readAttempt(createTestJar(), state)).toBeNull();
    },
  );

  it('AZ-04: renaming its cookie makes it no other attempt', async () => {
    const jar = createTestJar();
    const attempt = buildAttempt();
    await writeAttempt(jar, attempt);
    const otherId = newAttemptId();
    jar.cookies.set(prefix + otherId, jar.read(prefix + attempt.id) ?? '');
    expect(await readAttempt(jar, otherId)).toBeNull();
  });

  it('CB-17: started for one authorization server, it is not found for another', async () => {
    const jar = createTestJar();
    const attempt = buildAttempt();
    await writeAttempt(jar, attempt);
    useEnvironment({ AUTH_ISSUER: 'https://other.example' });
    expect(await readAttempt(jar, attempt.id)).toBeNull();
  });

  it('CK-05: a seal for another purpose in its place is no attempt', async () => {
    const attempt = buildAttempt();
    const jar = createTestJar([[prefix + attempt.id, await seal('session', attempt, 600)]]);
    expect(await readAttempt(jar, attempt.id)).toBeNull();
  });

  it('CB-07: expires after 15 minutes, and still knows which page was wanted', async () => {
    const jar = createTestJar();
    const attempt = buildAttempt();
    await writeAttempt(jar, attempt);
    expect(isExpiredAttempt(attempt, noonSec + 15 * 60 - 1)).toBe(false);
    vi.setSystemTime((noonSec + 15 * 60) * 1000);
    const late = await readAttempt(jar, attempt.id);
    expect(late?.returnTo).toBe('/dashboard/contacts?page=2');
    expect(late !== null && isExpiredAttempt(late)).toBe(true);
  });

  it('CB-07: is gone after its cookie’s hour, even if the browser kept the cookie', async () => {
    const jar = createTestJar();
    const attempt = buildAttempt();
    await writeAttempt(jar, attempt);
    vi.setSystemTime((noonSec + 3_700) * 1000);
    expect(await readAttempt(jar, attempt.id)).toBeNull();
  });
});

describe('many unfinished attempts', () => {
  async function start(jar: ReturnType<typeof createTestJar>, count: number): Promise<Attempt[]> {
    const attempts = Array.from({ length: count }, (_, age) => buildAttempt({ startedAtSec: noonSec + age }));
    for (const attempt of attempts) await writeAttempt(jar, attempt);
    return attempts;
  }

  it('AZ-08: a hundred leave the last five, oldest dropped', async () => {
    const jar = createTestJar();
    const attempts = await start(jar, 100);
    const kept = attempts.slice(-5).map(({ id }) => prefix + id);
    expect([...jar.cookies.keys()].toSorted()).toEqual(kept.toSorted());
  });

  it('CK-09: one with the longest return target still fits a cookie', async () => {
    const jar = createTestJar();
    await writeAttempt(jar, buildAttempt({ returnTo: `/${'a'.repeat(2_047)}` }));
    for (const [name, value] of jar.cookies) expect(name.length + value.length).toBeLessThan(4_096 - 80);
  });

  it('AZ-08: five of them and the largest session stay within a header of 8 KB', async () => {
    const jar = createTestJar();
    const empty = JSON.stringify(buildSession({ tokens: buildTokens({ accessToken: '' }) })).length;
    const tokens = buildTokens({ accessToken: 'a'.repeat(4_000 - empty) });
    await writeSession(jar, buildSession({ tokens }));
    await start(jar, 5);
    expect([...jar.cookies].map((pair) => pair.join('=')).join('; ').length).toBeLessThan(7_200);
  });

  it('AZ-08: unreadable attempts go first', async () => {
    const junk = Array.from({ length: 5 }, (): [string, string] => [prefix + newAttemptId(), 'junk']);
    const jar = createTestJar(junk);
    const [attempt] = await start(jar, 1);
    expect(jar.cookies.size).toBe(5);
    expect(jar.cookies.has(prefix + attempt?.id)).toBe(true);
  });

  it('RL-04: a flooded cookie header is not opened cookie by cookie', async () => {
    const flood = Array.from({ length: 2_000 }, (): [string, string] => [prefix + newAttemptId(), 'junk']);
    const jar = createTestJar(flood);
    let reads = 0;
    const counting = {
      ...jar,
      read: (name: string) => {
        reads += 1;
        return jar.read(name);
      },
    };
    await writeAttempt(counting, buildAttempt());
    expect(reads).toBeLessThanOrEqual(32 + 20);
  });

  it('AZ-08: sign-out removes them all, and no other cookie', async () => {
    const jar = createTestJar([['other', 'x']]);
    await start(jar, 5);
    removeAllAttempts(jar);
    expect([...jar.cookies.keys()]).toEqual(['other']);
  });

  it('a jar that cannot list its cookies still takes an attempt', async () => {
    const { names: _, ...jar } = createTestJar();
    const attempt = buildAttempt();
    await writeAttempt(jar, attempt);
    expect(await readAttempt(jar, attempt.id)).toEqual(attempt);
  });
});
