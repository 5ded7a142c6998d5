import { describe, expect, it } from 'vitest';
import { findPictureType } from './picture-file';

const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

describe('a file', () => {
  it.each([
    ['image/png', png],
    ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0]],
    ['image/webp', [...new TextEncoder().encode('RIFF\x10\0\0\0WEBP')]],
  ])('is %s by how it begins, whatever its name says', async (type, bytes) => {
    expect(await findPictureType(new File([new Uint8Array([...bytes, 1, 2, 3])], 'notes.txt'))).toBe(type);
  });

  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['<script>', 'image/png'],
    ['', 'image/png'],
    ['RIFF\x10\0\0\0WAVE', 'image/webp'],
    ['GIF89a', 'image/gif'],
  ])('that begins as %j is no picture, even as %s', async (text, type) => {
    expect(await findPictureType(new File([text], 'picture.png', { type }))).toBeNull();
  });
});
