/** Opens the application's seals with the secret of the installation: what only a test, which knows the secret, can do. */
import { hkdfSync } from 'node:crypto';
import { unsealData } from 'iron-session';

export async function openSeal(
  purpose: string,
  secret: string,
  text: string,
): Promise<Record<string, unknown>> {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `strongroom/${purpose}/v1`, 32)).toString(
    'base64url',
  );
  return unsealData(text, { password: { 1: key }, ttl: 0 });
}
