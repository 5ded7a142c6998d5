/** Opens the application's seals with the secret of the installation: what only a test, which knows the secret, can do. */
import { hkdfSync } from 'node:crypto';
import { sealData, unsealData } from 'iron-session';
import type { HttpBrowser } from './http-browser.ts';
import type { TestStack } from './test-stack.ts';

export async function openSeal(
  purpose: string,
  secret: string,
  text: string,
): Promise<Record<string, unknown>> {
  return unsealData(text, { password: { 1: keyOf(purpose, secret) }, ttl: 0 });
}

function keyOf(purpose: string, secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `strongroom/${purpose}/v1`, 32)).toString('base64url');
}

type Data = Record<string, unknown>;

/** Changes what the browser's session says, as if time had passed: nothing has to wait. */
export async function editSession(
  { appOrigin, secrets }: TestStack,
  browser: HttpBrowser,
  change: (session: Data) => Data,
): Promise<void> {
  const cookies = browser.cookies(appOrigin);
  const session = await openSeal('session', secrets.appSecret, cookies.get('strongroom')?.value ?? '');
  const password = { 1: keyOf('session', secrets.appSecret) };
  const value = await sealData(change(session), { password, ttl: 3_600 });
  cookies.set('strongroom', { value, path: '/' });
}

/** As if the access token had just expired: its refresh token is as good as before. */
export function expireAccessToken(stack: TestStack, browser: HttpBrowser): Promise<void> {
  const pastSec = Math.floor(Date.now() / 1000) - 1;
  return editSession(stack, browser, (session) => ({
    ...session,
    tokens: { ...(session.tokens as Data), expiresAtSec: pastSec },
  }));
}
