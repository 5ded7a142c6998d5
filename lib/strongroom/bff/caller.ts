/**
 * The user for whom an action or a route is running. The wrappers set it, so that `callApi` and the others
 * find session and cookies by themselves; while a page renders there is none.
 */
import 'server-only';
import { AsyncLocalStorage } from 'node:async_hooks';
import { processSingleton } from '../base/process-singleton';
import type { CookieJar } from '../session/cookie-jar';
import type { SignInReason } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import type { Session } from '../session/session';

export type Caller = {
  jar: CookieJar;
  /** With the newest tokens: a refresh takes the place of the one before. */
  session: Session;
};

/** Only signing in again helps. The wrappers catch it; code of the adopter lets it pass. */
export class LoginRequiredError extends Error {
  override readonly name = 'LoginRequiredError';
  readonly reason: SignInReason | undefined;
  constructor(reason: SignInReason | undefined) {
    super(reason);
    this.reason = reason;
  }
}

/** The user lacks a role. The wrappers catch it, as they do the one above. */
export class RoleRequiredError extends Error {
  override readonly name = 'RoleRequiredError';
}

export function runAs<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
  return callers().run(caller, work);
}

export function currentCaller(): Caller | null {
  return callers().getStore() ?? null;
}

/** The cookies of this request: a page can read them; writing them there throws. */
export async function currentJar(): Promise<CookieJar> {
  return currentCaller()?.jar ?? requestCookies();
}

function callers(): AsyncLocalStorage<Caller> {
  return processSingleton('callers', () => new AsyncLocalStorage<Caller>());
}
