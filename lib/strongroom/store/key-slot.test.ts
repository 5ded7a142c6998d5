import { describe, expect, it } from 'vitest';
import { slotOf } from './key-slot';

describe('the slot of a key', () => {
  it.each([
    // The check value of CRC16/XMODEM is 0x31C3.
    ['123456789', 0x31c3],
    ['foo', 12_182],
    ['', 0],
    ['{user1000}.following', slotOf('user1000')],
    ['foo{bar}{zap}', slotOf('bar')],
    ['foo{{bar}}zap', slotOf('{bar')],
  ])('%j is as the specification says', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });

  it('braces with nothing in between name nothing: the whole key counts', () => {
    expect(slotOf('foo{}{bar}')).not.toBe(slotOf('bar'));
    expect(slotOf('foo{bar')).not.toBe(slotOf('bar'));
  });
});
