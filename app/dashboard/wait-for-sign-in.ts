/** An action that needs a better sign-in first: it waits in its person's browser, and they are asked. */
import 'server-only';
import { redirect } from 'next/navigation';
import { type PendingAction, writePending } from '@/lib/session/pending';
import type { CookieJar } from '@/lib/session/seal';
import type { SignInRequirement } from '@/lib/session/sign-in-requirement';

export const confirmPath = '/dashboard/confirm';

/** Never returns. `owner` is the person's mark. */
export async function waitForSignIn(
  jar: CookieJar,
  owner: string,
  wish: { action: PendingAction; requirement: SignInRequirement },
): Promise<never> {
  await writePending(jar, { owner, ...wish, state: 'waiting' });
  return redirect(confirmPath);
}
