import { sealData } from 'iron-session';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { keysFor } from './keys';
import { unseal } from './seal';
import { readSealText, removeSealedCookie, type SealedCookie, writeSealedCookie } from './sealed-cookie';

const data = { who: 'ada', list: [1, 2, 3] };

beforeEach(() => useEnvironment());

describe('a sealed cookie', () => {
  const cookie: SealedCookie = {
    name: 'name',
    purpose: 'draft',
    lifetimeSec: 60,
    attributes: { httpOnly: true, secure: true, sameSite: 'lax', path: '/' },
  };
  const read = async (jar: ReturnType<typeof createTestJar>) =>
    unseal('draft', readSealText(jar, 'name'), cookie.lifetimeSec);

  it('CK-09: grows over several cookies and shrinks again without stale parts', async () => {
    const jar = createTestJar();
    for (const chars of [500, 6_000, 3_000, 8_500, 10]) {
      const value = { text: 'a'.repeat(chars) };
      await writeSealedCookie(jar, cookie, value);
      expect(await read(jar)).toEqual(value);
      for (const [name, text] of jar.cookies) expect(name.length + text.length).toBeLessThanOrEqual(4_096);
    }
    expect([...jar.cookies.keys()]).toEqual(['name']);
  });

  it('replaces what was there, field by field', async () => {
    const jar = createTestJar();
    await writeSealedCookie(jar, cookie, { a: 1, b: 2 });
    await writeSealedCookie(jar, cookie, { b: 3 });
    expect(await read(jar)).toEqual({ b: 3 });
  });

  it('CK-10: is unreadable with a part missing, swapped or of another generation', async () => {
    const jar = createTestJar();
    await writeSealedCookie(jar, cookie, { text: 'a'.repeat(6_000) });
    const other = createTestJar();
    await writeSealedCookie(other, cookie, { text: 'b'.repeat(6_000) });
    const [first = '', second = ''] = ['name.0', 'name.1'].map((name) => jar.read(name) ?? '');
    const otherPart = other.read('name.1') ?? '';
    const broken: [string, string][][] = [
      [['name.0', first]],
      [['name.1', second]],
      [
        ['name.0', second],
        ['name.1', first],
      ],
      [
        ['name.0', first],
        ['name.1', otherPart],
      ],
      [
        ['name.0', first],
        ['name.1', first],
        ['name.2', second],
      ],
    ];
    for (const cookies of broken) expect(await read(createTestJar(cookies))).toBeNull();
  });

  it('CK-10: is read although there are stray cookies of similar names', async () => {
    const jar = createTestJar([
      ['name.7', 'x'],
      ['nameX', 'x'],
      ['name.', 'x'],
    ]);
    await writeSealedCookie(jar, cookie, data);
    expect(await read(jar)).toEqual(data);
  });

  it('CK-01: is removed with all its parts, with the attributes it was set with', async () => {
    const jar = createTestJar();
    await writeSealedCookie(jar, cookie, { text: 'a'.repeat(6_000) });
    jar.writes.length = 0;
    await removeSealedCookie(jar, cookie);
    expect([...jar.cookies.keys()]).toEqual([]);
    for (const { options } of jar.writes) expect(options).toMatchObject({ ...cookie.attributes, maxAge: 0 });
  });

  it('is replaced without opening what it held before', async () => {
    const jar = createTestJar([['name', await sealData(data, { password: keysFor('draft'), ttl: 60 })]]);
    let reads = 0;
    const counting = {
      ...jar,
      read: (name: string) => {
        reads += name === 'name' ? 1 : 0;
        return jar.read(name);
      },
    };
    await writeSealedCookie(counting, cookie, { b: 3 });
    expect([reads, await read(jar)]).toEqual([0, { b: 3 }]);
  });
});
