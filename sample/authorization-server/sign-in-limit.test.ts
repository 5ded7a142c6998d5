import { expect, it } from 'vitest';
import { createSignInLimit } from './sign-in-limit.ts';

it('blocks an account after five failures and lets it in after the window', () => {
  const clock = { sec: 0 };
  const limit = createSignInLimit(0, () => clock.sec);
  for (let failure = 0; failure < 5; failure += 1) expect(limit.take('a@b.test', '1').kind).toBe('allowed');
  expect(limit.take('a@b.test', '1')).toEqual({ kind: 'blocked', retryAfterSec: 900 });
  expect(limit.take('other@b.test', '1').kind).toBe('allowed');
  clock.sec = 900;
  expect(limit.take('a@b.test', '1').kind).toBe('allowed');
});

it('blocks an address that tries many accounts', () => {
  const limit = createSignInLimit(0, () => 0);
  for (let failure = 0; failure < 20; failure += 1) limit.take(`${failure}@b.test`, '1');
  expect(limit.take('new@b.test', '1').kind).toBe('blocked');
  expect(limit.take('new@b.test', '2').kind).toBe('allowed');
});

it('does not count sign-ins that succeed', () => {
  const limit = createSignInLimit(0, () => 0);
  for (let success = 0; success < 50; success += 1) {
    expect(limit.take('a@b.test', '1').kind).toBe('allowed');
    limit.succeed('a@b.test', '1');
  }
});

it('fifty extra people may sign in at the same moment, and wrong passwords are still counted', () => {
  const limit = createSignInLimit(50, () => 0);
  const people = Array.from({ length: 50 }, (_, index) => `user${index}@b.test`);
  for (const person of people) expect(limit.take(person, '1').kind).toBe('allowed');
  for (const person of people) limit.succeed(person, '1');
  for (let failure = 0; failure < 70; failure += 1) limit.take(`${failure}@b.test`, '1');
  expect(limit.take('new@b.test', '1').kind).toBe('blocked');
});
