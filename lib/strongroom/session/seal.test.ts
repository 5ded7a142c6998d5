import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestJar } from '../testing/cookie-jar';
import { goodEnvironment, useEnvironment } from '../testing/environment';
import type { Purpose } from './keys';
import { readSealText, removeSealedCookie, type SealedCookie, seal, unseal, writeSealedCookie } from './seal';

const purposes: Purpose[] = [
  ...(['session', 'last_seen', 'token_store', 'transaction', 'pending_action'] as const),
  ...(['step_up', 'draft', 'refresh_result', 'pseudonym'] as const),
];
const old = goodEnvironment.AUTH_SECRET?.slice(2) ?? '';
const fresh = 'Zt4kW8qN1rV6xM3pJ7hB5yC9uG2dE0fS';
const data = { who: 'canary-of-ada', list: [1, 2, 3] };

beforeEach(() => useEnvironment());
afterEach(() => void vi.useRealTimers());

describe('a seal', () => {
  it('opens for its purpose', async () => {
    expect(await unseal('session', await seal('session', data, 60), 60)).toEqual(data);
  });

  it('LK-06: shows nothing of what it holds, and is another one each time', async () => {
    const seals = await Promise.all(Array.from({ length: 50 }, () => seal('session', data, 60)));
    expect(new Set(seals).size).toBe(50);
    for (const text of seals)
      for (const part of text.split(/[*~]/)) {
        expect(part).not.toContain('canary-of-ada');
        expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('canary-of-ada');
      }
  });

  it.each(purposes.flatMap((a) => purposes.filter((b) => b !== a).map((b) => [a, b] as const)))(
    'CK-05: of purpose "%s" does not open as "%s"',
    async (made, read) => {
      expect(await unseal(read, await seal(made, data, 60), 60)).toBeNull();
    },
  );

  it('CK-05: of another deployment does not open', async () => {
    const text = await seal('session', data, 60);
    useEnvironment({ AUTH_SECRET: `1:${fresh}` });
    expect(await unseal('session', text, 60)).toBeNull();
  });

  it('CK-07: made with the old secret opens while the old secret is listed, and not after', async () => {
    const text = await seal('session', data, 60);
    useEnvironment({ AUTH_SECRET: `2:${fresh},1:${old}` });
    expect(await unseal('session', text, 60)).toEqual(data);
    const renewed = await seal('session', data, 60);
    useEnvironment({ AUTH_SECRET: `2:${fresh}` });
    expect(await unseal('session', text, 60)).toBeNull();
    expect(await unseal('session', renewed, 60)).toEqual(data);
  });

  it('CK-08: past its end is null, whatever the browser kept', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 });
    const text = await seal('session', data, 600);
    vi.setSystemTime(Date.now() + 599_000);
    expect(await unseal('session', text, 600)).toEqual(data);
    vi.setSystemTime(Date.now() + 62_000);
    expect(await unseal('session', text, 600)).toBeNull();
  });
});

describe('a sealed cookie', () => {
  const cookie: SealedCookie = {
    name: 'name',
    purpose: 'draft',
    lifetimeSec: 60,
    attributes: { httpOnly: true, secure: true, sameSite: 'lax', path: '/' },
  };
  const read = async (jar: ReturnType<typeof createTestJar>) =>
    unseal('draft', readSealText(jar, 'name'), cookie.lifetimeSec);

  it('CK-09: grows over several cookies and shrinks again, without stale parts', async () => {
    const jar = createTestJar();
    for (const chars of [500, 6_000, 3_000, 8_500, 10]) {
      const value = { text: 'a'.repeat(chars) };
      await writeSealedCookie(jar, cookie, value);
      expect(await read(jar)).toEqual(value);
      for (const [name, text] of jar.cookies) expect(name.length + text.length).toBeLessThanOrEqual(4_096);
    }
    expect([...jar.cookies.keys()]).toEqual(['name']);
  });

  it('previousRefreshKey what was there, field by field', async () => {
    const jar = createTestJar();
    await writeSealedCookie(jar, cookie, { a: 1, b: 2 });
    await writeSealedCookie(jar, cookie, { b: 3 });
    expect(await read(jar)).toEqual({ b: 3 });
  });

  it('CK-10: with a part missing, swapped or of another generation opens as null', async () => {
    const jar = createTestJar();
    await writeSealedCookie(jar, cookie, { text: 'a'.repeat(6_000) });
    const other = createTestJar();
    await writeSealedCookie(other, cookie, { text: 'b'.repeat(6_000) });
    const [first = '', second = ''] = ['name.0', 'name.1'].map((name) => jar.read(name) ?? '');
    const foreign = other.read('name.1') ?? '';
    const broken: [string, string][][] = [
      [['name.0', first]],
      [['name.1', second]],
      [
        ['name.0', second],
        ['name.1', first],
      ],
      [
        ['name.0', first],
        ['name.1', foreign],
      ],
      [
        ['name.0', first],
        ['name.1', first],
        ['name.2', second],
      ],
    ];
    for (const cookies of broken) expect(await read(createTestJar(cookies))).toBeNull();
  });

  it('CK-10: stray cookies of similar names change nothing', async () => {
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
});

describe('CK-15: seals in number', () => {
  it('CK-15: ten thousand of the same data never repeat a salt, a vector or a text', async () => {
    const texts = new Set<string>();
    const salts = new Set<string>();
    const vectors = new Set<string>();
    for (let number = 0; number < 10_000; number += 1) {
      const text = await seal('session', { role: 'same' }, 600);
      const [, , salt = '', vector = ''] = text.split('*');
      texts.add(text);
      salts.add(salt);
      vectors.add(vector);
    }
    expect([texts.size, salts.size, vectors.size]).toEqual([10_000, 10_000, 10_000]);
  });
});
