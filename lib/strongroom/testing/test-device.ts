/**
 * A device with a key of its own, which signs what a browser would sign and what it would not. Test support only.
 */
import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose';

type Json = Record<string, unknown>;

export type Device = {
  jwk: JWK;
  /** @param payload a text is signed as it is */
  sign(header: Json, payload: Json | string): Promise<string>;
};

export async function makeDevice(alg: 'ES256' | 'RS256' = 'ES256'): Promise<Device> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const sign = (header: Json, payload: Json | string) => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const signing = new CompactSign(new TextEncoder().encode(text));
    return signing.setProtectedHeader({ alg, typ: 'dbsc+jwt', ...header }).sign(privateKey);
  };
  return { jwk: await exportJWK(publicKey), sign };
}

/** What a browser posts for a registration. */
export function registrationProof(device: Device, challenge: string): Promise<string> {
  return device.sign({ jwk: device.jwk }, { jti: challenge });
}
