/** Step 1 of the grant: sends the browser to the authorization server. @see RFC 6749 §4.1.1 */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { logEvent } from '@/lib/base/log';
import { getConfig } from '@/lib/config/config';
import { audienceParameters } from '@/lib/oauth/client';
import { addPermission } from '@/lib/oauth/granted-scopes';
import { getMetadata } from '@/lib/oauth/metadata';
import { needsPush, pushAuthorizationRequest } from '@/lib/oauth/pushed-authorization';
import { type Attempt, newAttemptId, writeAttempt } from '@/lib/session/attempt';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { sendForNextAuth } from './authorization-server-answers';
import { buildAuthorizationRequest } from './next-auth';

export type SignInWish = {
  /** Judged by lib/base/return-to.ts. */
  returnTo: string;
  /** One more permission to ask for, on top of what the session has; null for an ordinary sign-in. */
  permission: string | null;
  /** Who is signed in now, if anyone: starting never touches that session. */
  session: Session | null;
};

type ChosenRequest = { scopes: string[]; more: Attempt['more']; parameters: Record<string, string> };

/**
 * @returns the address of the authorization server for this browser; the attempt is in the jar
 * @throws AppError `sign_in_service_down`, `sign_in_misconfigured` or `answer_not_believed`
 */
export async function startSignIn(jar: CookieJar, wish: SignInWish): Promise<URL> {
  const id = newAttemptId();
  const { issuer } = getConfig();
  const { scopes, more, parameters } = chooseRequest(wish);
  const server = await getMetadata();
  const request = { state: id, scopes, parameters: { ...audienceParameters(), ...parameters } };
  const { url, checks } = await buildAuthorizationRequest(request, jar, sendForNextAuth);
  const target = needsPush(server) ? await pushAuthorizationRequest(url) : url;
  const { returnTo } = wish;
  await writeAttempt(jar, { id, issuer, ...checks, returnTo, more, startedAtSec: nowSec() });
  logEvent('sign_in_started', { isPushed: target !== url, isForMore: more !== null });
  return target;
}

/** Only permissions of the configuration are ever asked for, whatever the browser said. */
function chooseRequest({ permission, session }: SignInWish): ChosenRequest {
  const { scopes } = getConfig();
  if (permission === null || session === null || !scopes.includes(permission))
    return { scopes: [...scopes], more: null, parameters: {} };
  // `consent` asks again even for something declined before; the hint keeps the same account.
  const hint: Record<string, string> = session.user.email === null ? {} : { login_hint: session.user.email };
  const wanted = addPermission(scopes, session.tokens.scopes, permission);
  return { scopes: wanted, more: { permission, scopes: wanted }, parameters: { prompt: 'consent', ...hint } };
}
