/** An action that needs a better sign-in first: it waits in its person's browser, and they are asked. */
import 'server-only';
import { redirect } from 'next/navigation';
import type { AuthenticationRequirement } from '@/lib/strongroom/session/authentication-requirement';
import { type PendingActionContent, writePendingAction } from '@/lib/strongroom/session/pending-action';
import type { CookieJar } from '@/lib/strongroom/session/seal';

export const confirmPath = '/dashboard/confirm';

/** Never returns. `owner` is the person's mark. */
export async function waitForStepUp(
  jar: CookieJar,
  owner: string,
  wish: { action: PendingActionContent; requirement: AuthenticationRequirement },
): Promise<never> {
  await writePendingAction(jar, { owner, ...wish, state: 'waiting' });
  return redirect(confirmPath);
}
