/**
 * Runs before every page. It keeps the tokens of the session fresh, which rendering cannot (a page cannot set
 * cookies), sends users without a session to sign in, and gives every page its nonce. Nothing relies on it
 * for security: pages and actions check the session by themselves.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { AppError, isErrorCode, statusOfError } from '../base/errors';
import { isForPage } from '../base/fetch-metadata';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { readWaitSec } from '../base/retry-after';
import { contentSecurityPolicy, privateCacheControl } from '../base/security-headers';
import { inSpan } from '../base/span';
import { getConfig } from '../config/config';
import { getDeclaration, isDeclared, notStarted } from '../config/declaration';
import { isDevelopment } from '../config/mode';
import { pictureOrigin } from '../oauth/profile';
import { readClientAddress } from '../server/client-address';
import type { LoadedSession } from '../session/loaded-session';
import { collectCookies } from '../session/proxy-cookies';
import { handOverSession } from '../session/session-handover';
import { type GuardVerdict, guardPage } from './guard-page';
import {
  emptyResponse,
  redirectTo,
  redirectToIndeterminate,
  redirectToProblem,
  rejectPrefetch,
  rejectSubresource,
} from './respond';

/**
 * The whole of the adopter's `proxy.ts`, but for its `config`, which Next reads as it is written.
 * @example
 * export { proxy } from 'strongroom/proxy';
 * export const config = { matcher: ['/((?!_next/static/).*)'] };
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  // Without this header the server guard is not in place yet, and the request was not checked.
  if (readClientAddress(request.headers) === null) return respondStarting();
  const { isHttps } = getConfig();
  const cookies = collectCookies(request);
  const verdict = await inSpan({ name: 'proxy' }, () => guardPage(request, cookies.jar)).catch(failClosed);
  const nonce = randomBytes(16).toString('base64');
  const policy = contentSecurityPolicy({ nonce, isHttps, isDevelopment, pictureOrigin: pictureOrigin() });
  const response = respond(request, verdict, policy);
  response.headers.set('Content-Security-Policy', policy);
  response.headers.set('Cache-Control', privateCacheControl);
  cookies.applyTo(response);
  return response;
}

/** Until `startServer` is called nothing is known, and without instrumentation.ts nothing ever calls it. */
function respondStarting(): NextResponse {
  const headers = { 'Retry-After': '1', 'Cache-Control': 'no-store' };
  if (!isDeclared())
    processSingleton('said-not-started', () => logWarning('not_started', { todo: notStarted }));
  const words = isDevelopment ? describeWaiting(process.uptime()) : startingWords;
  // A developer looks at the page, and not at the log.
  const more: Record<string, string> = isDevelopment ? { Refresh: '2' } : {};
  return new NextResponse(words, { status: 503, headers: { ...headers, ...more } });
}

const startingWords = 'The server is starting. Try again in a moment.\n';
const longStartSec = 10;

/** Until when the server may still be starting; then something is missing. */
export function describeWaiting(uptimeSec: number): string {
  return isDeclared() || uptimeSec < longStartSec ? startingWords : `${notStarted}.\n`;
}

/** An error never lets a request pass: the user gets a page that says so. */
function failClosed(error: unknown): GuardVerdict {
  return { kind: 'failed', error: AppError.from(error) };
}

/**
 * A page would be saved in the place of a file: what is not for a page gets a status, and no redirect to one.
 */
function respond(request: NextRequest, verdict: GuardVerdict, policy: string): NextResponse {
  const response = respondWithPage(request, verdict, policy);
  const isLedToPage = response.status === 303 && request.method === 'GET';
  if (!isLedToPage || isForPage(request.headers)) return response;
  return emptyResponse(verdict.kind === 'redirect' ? 401 : 503);
}

function respondWithPage(request: NextRequest, verdict: GuardVerdict, policy: string): NextResponse {
  switch (verdict.kind) {
    case 'continue':
      return continueWith(request, policy, verdict.loaded);
    case 'redirect':
      return redirectTo(verdict.target);
    case 'prefetch_not_served':
      return rejectPrefetch();
    case 'indeterminate':
      return redirectToIndeterminate(verdict.returnTo);
    case 'failed':
      return redirectToProblem('guard_failed', verdict.error);
    case 'cross_site_form':
      return redirectToProblem(
        'form_rejected',
        new AppError('cross_site_request', { reason: 'cross_site_form' }),
      );
    case 'subresource':
      return rejectSubresource();
  }
}

/**
 * Next reads the nonce for its scripts from the policy in the request’s headers: ours, whatever the browser
 * sent.
 */
function continueWith(request: NextRequest, policy: string, loaded: LoadedSession | null): NextResponse {
  const headers = new Headers(request.headers);
  handOverSession(headers, loaded);
  headers.set('Content-Security-Policy', policy);
  const status = statusOfPage(request.nextUrl);
  const response = NextResponse.next({ request: { headers }, ...(status === null ? {} : { status }) });
  if (status === 503 || status === 429)
    response.headers.set('Retry-After', String(readWaitSec(request.nextUrl.searchParams.get('wait')) ?? 60));
  return response;
}

/** A problem page carries the status of its problem. */
function statusOfPage({ pathname, searchParams }: URL): number | null {
  if (pathname !== getDeclaration().paths.problem) return null;
  const code = searchParams.get('code');
  return isErrorCode(code) ? statusOfError(code) : 400;
}
