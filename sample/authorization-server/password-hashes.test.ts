import { expect, it } from 'vitest';
import { isPassword } from './password.ts';
import { createPasswordHashes } from './password-hashes.ts';

it('makes one hash for an address, also for an address without an account', async () => {
  const hashOf = createPasswordHashes();
  expect(hashOf('a@b.test', 'right')).toBe(hashOf('a@b.test', 'right'));
  expect(hashOf('nobody@b.test', null)).toBe(hashOf('nobody@b.test', null));
  expect(await isPassword(await hashOf('a@b.test', 'right'), 'right')).toBe(true);
  expect(await isPassword(await hashOf('nobody@b.test', null), '')).toBe(false);
});

it('forgets the oldest address, whether an account stands behind it or not', () => {
  const hashOf = createPasswordHashes(2);
  const [known, nobody] = [hashOf('a@b.test', 'right'), hashOf('nobody@b.test', null)];
  hashOf('second@b.test', null);
  expect(hashOf('nobody@b.test', null)).toBe(nobody);
  expect(hashOf('a@b.test', 'right')).not.toBe(known);
  expect(hashOf('nobody@b.test', null)).not.toBe(nobody);
});
