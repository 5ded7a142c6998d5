/**
 * Which of the 16,384 slots of a cluster a key is in: the CRC16 (XMODEM) of its name, or of what stands in
 * its first braces. Pure.
 * @see Redis cluster specification, key distribution model
 */
export const slotCount = 16_384;

export function slotOf(key: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc % slotCount;
}
