import { expect, test } from 'vitest';
import { createPlaces } from './places.ts';

test('RS-19: one user has only so many places, and another user’s stay free', () => {
  const places = createPlaces({ perOwner: 2, total: 10 });
  const giveBack = places.take(1);
  expect(places.take(1)).not.toBeNull();
  expect(places.take(1)).toBeNull();
  expect(places.take(2)).not.toBeNull();
  giveBack?.();
  expect(places.take(1)).not.toBeNull();
  expect(places.take(1)).toBeNull();
});

test('RS-19: all users together have only so many places', () => {
  const places = createPlaces({ perOwner: 2, total: 3 });
  const taken = [1, 2, 3].map((ownerId) => places.take(ownerId));
  expect(places.take(4)).toBeNull();
  taken[0]?.();
  expect(places.take(4)).not.toBeNull();
});

test('RS-19: a place that is given back twice is free once', () => {
  const places = createPlaces({ perOwner: 2, total: 2 });
  const giveBack = places.take(1);
  places.take(1);
  giveBack?.();
  giveBack?.();
  expect(places.take(1)).not.toBeNull();
  expect(places.take(1)).toBeNull();
});
