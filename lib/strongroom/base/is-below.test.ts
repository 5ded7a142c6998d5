import { describe, expect, it } from 'vitest';
import { isBelow } from './is-below';

describe('an address below another', () => {
  it.each([
    ['https://api.example', 'https://api.example/', true],
    ['https://api.example', 'https://api.example/contacts', true],
    ['https://api.example/v1', 'https://api.example/v1', true],
    ['https://api.example/v1/', 'https://api.example/v1/contacts?q=a', true],
    ['https://api.example/v1', 'https://api.example/v1/../v2', false],
    ['https://api.example/v1', 'https://api.example/v10', false],
    ['https://api.example', 'http://api.example/', false],
    ['https://api.example', 'https://api.example:8443/', false],
    ['https://api.example', 'https://api.example.evil.example/', false],
    ['https://api.example', 'https://api.example@evil.example/', false],
  ])('PX-11: of %s, %s: %s', (base, address, expected) => {
    expect(isBelow(new URL(address), base)).toBe(expected);
  });
});
