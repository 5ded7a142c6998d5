import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { goodEnvironment, useEnvironment } from '../testing/environment';
import type { Purpose } from './keys';
import { openSeal, readSealEndMs, seal, unseal } from './seal';

const purposes: Purpose[] = [
  ...(['session', 'last_seen', 'token_store', 'transaction', 'pending_action'] as const),
  ...(['step_up', 'draft', 'refresh_result', 'consumed_transaction', 'pseudonym'] as const),
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

  it('CK-07: made with a secret opens where the same secret is marked next, and the old one seals there', async () => {
    useEnvironment({ AUTH_SECRET: `2:${fresh},1:${old}` });
    const text = await seal('session', data, 60);
    useEnvironment({ AUTH_SECRET: `2:next:${fresh},1:${old}` });
    expect(await unseal('session', text, 60)).toEqual(data);
    expect(await seal('session', data, 60)).toMatch(/^Fe26\.2\*1\*/);
  });

  it('CK-08: is null once it has expired, also when the browser kept it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 });
    const text = await seal('session', data, 600);
    vi.setSystemTime(Date.now() + 599_000);
    expect(await unseal('session', text, 600)).toEqual(data);
    vi.setSystemTime(Date.now() + 62_000);
    expect(await unseal('session', text, 600)).toBeNull();
    expect(await openSeal('session', text, 600)).toEqual({ kind: 'rejected', reason: 'seal_expired' });
  });

  it('CK-07: that names an unknown secret has another reason than one that is not intact', async () => {
    useEnvironment({ AUTH_SECRET: `2:${fresh}` });
    const text = await seal('session', data, 60);
    useEnvironment();
    const rejected = (reason: string) => ({ kind: 'rejected', reason });
    expect(await openSeal('session', text, 60)).toEqual(rejected('unknown_secret'));
    expect(await openSeal('session', text.replace('*2*', '*1*'), 60)).toEqual(rejected('seal_invalid'));
    expect(await openSeal('session', 'x', 60)).toEqual(rejected('seal_invalid'));
  });

  it('AZ-08: shows when it expires, which orders unfinished sign-ins by age; a text that is no seal is the oldest', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 });
    expect(readSealEndMs(await seal('session', data, 600))).toBe(1_000_000_600_000);
    expect(readSealEndMs('junk')).toBe(0);
  });
});

describe('CK-15: ten thousand seals', () => {
  it('CK-15: of the same data never repeat a salt, an initialization vector or a text', async () => {
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
