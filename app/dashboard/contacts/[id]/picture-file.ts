/** Which kind of picture a file is, by how its bytes begin: its name may say anything. Pure. */

export const maxPictureBytes = 2_000_000;
export const pictureTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;

type PictureType = (typeof pictureTypes)[number];

/** @see PNG §5.2, ITU-T T.81 §B.1.1.3, RFC 9649 §2.4 */
const shapes: Record<PictureType, RegExp> = {
  'image/png': /^89504e470d0a1a0a/,
  'image/jpeg': /^ffd8ff/,
  'image/webp': /^52494646.{8}57454250/,
};

export async function findPictureType(file: Blob): Promise<PictureType | null> {
  const bytes = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return pictureTypes.find((type) => shapes[type].test(hex)) ?? null;
}
