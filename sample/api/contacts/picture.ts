/** A contact's picture: which kinds there are, and how their bytes begin. Pure. */

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp';
export type Picture = { type: PictureType; bytes: Uint8Array<ArrayBuffer> };

export const maxPictureBytes = 2 * 1024 * 1024;
export const maxPicturesPerOwner = 50;

type Signature = { at: number; hex: string }[];

/** @see PNG §5.2, ITU-T T.81 §B.1.1.3, RFC 9649 §2.4 */
const signatures: Record<PictureType, Signature> = {
  'image/png': [{ at: 0, hex: '89504e470d0a1a0a' }],
  'image/jpeg': [{ at: 0, hex: 'ffd8ff' }],
  'image/webp': [
    { at: 0, hex: '52494646' },
    { at: 8, hex: '57454250' },
  ],
};

export const pictureTypes = Object.keys(signatures) as PictureType[];

export function isPictureType(type: string): type is PictureType {
  return Object.hasOwn(signatures, type);
}

/** Whether the bytes begin as this type does. */
export function beginsAs(type: PictureType, bytes: Uint8Array): boolean {
  return signatures[type].every(({ at, hex }) => {
    const signature = Buffer.from(hex, 'hex');
    return signature.equals(bytes.subarray(at, at + signature.length));
  });
}
