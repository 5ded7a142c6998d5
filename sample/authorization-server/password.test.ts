import { expect, it } from 'vitest';
import { hashPassword, isPassword } from './password.ts';

it('recognizes the password and nothing else', async () => {
  const hash = await hashPassword('bade-figo-kula');
  expect(await isPassword(hash, 'bade-figo-kula')).toBe(true);
  expect(await isPassword(hash, 'bade-figo-kulA')).toBe(false);
  expect(await isPassword(hash, '')).toBe(false);
});

it('salts: the same password has another hash each time', async () => {
  const [one, two] = await Promise.all([hashPassword('same'), hashPassword('same')]);
  expect(one.key.equals(two.key)).toBe(false);
});
