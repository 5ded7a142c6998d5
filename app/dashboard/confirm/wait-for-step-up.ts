/** An action that needs a better sign-in first: it waits in its person's browser, and they are asked. */
import 'server-only';
import { redirect } from 'next/navigation';
import type { AuthenticationRequirement } from '@/lib/strongroom/session/authentication-requirement';
import type { CookieJar } from '@/lib/strongroom/session/cookie-jar';
import { writePendingAction } from '@/lib/strongroom/session/pending-action';
import type { ConfirmableAction } from './confirmable-action';

export const confirmPath = '/dashboard/confirm';

/** Never returns. `owner` is the person's mark. */
export async function waitForStepUp(
  jar: CookieJar,
  owner: string,
  wish: { action: ConfirmableAction; requirement: AuthenticationRequirement },
): Promise<never> {
  await writePendingAction(jar, { owner, ...wish, state: 'waiting' });
  return redirect(confirmPath);
}
