/**
 * What stands before a page decides with this, be it the server guard (page-guard.ts) or Next's proxy (proxy.ts):
 * whether the page is rendered, or which response takes its place, and the headers of both.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import type { NextResponse } from 'next/server';
import { AppError, isErrorCode, statusOfError } from '../base/errors';
import { isForPage } from '../base/fetch-metadata';
import { readWaitSec } from '../base/retry-after';
import { contentSecurityPolicy, privateCacheControl } from '../base/security-headers';
import { inSpan } from '../base/span';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { isDevelopment } from '../config/mode';
import { pictureOrigin } from '../oauth/profile';
import type { CookieJar } from '../session/cookie-jar';
import { handOverSession } from '../session/session-handover';
import { type GuardVerdict, guardPage, type PageRequest } from './guard-page';
import {
  emptyResponse,
  redirectTo,
  redirectToIndeterminate,
  redirectToProblem,
  rejectPrefetch,
  rejectSubresource,
} from './respond';

export type Admission = {
  /** In the policy, which Next reads from the request to sign its scripts. */
  nonce: string;
  policy: string;
  /** Of the response, whether it is the page or not. */
  headers: Readonly<Record<string, string>>;
  /** In place of the page; null: the page is rendered. */
  response: NextResponse | null;
  /** Of the page, where it is not Next that decides. */
  status: number | null;
};

/** Hands the session that it loads over to the page. Never throws. */
export async function admitPage(request: PageRequest, jar: CookieJar): Promise<Admission> {
  const verdict = await inSpan({ name: 'page guard' }, () => guardPage(request, jar)).catch(failClosed);
  const nonce = randomBytes(16).toString('base64');
  const { isHttps } = getConfig();
  const policy = contentSecurityPolicy({ nonce, isHttps, isDevelopment, pictureOrigin: pictureOrigin() });
  const headers = { 'Content-Security-Policy': policy, 'Cache-Control': privateCacheControl };
  if (verdict.kind !== 'continue')
    return { nonce, policy, headers, response: respond(request, verdict), status: null };
  if (verdict.loaded !== null) handOverSession(verdict.loaded);
  const { status, retryAfter } = describeProblemPage(request);
  return { nonce, policy, headers: { ...headers, ...retryAfter }, response: null, status };
}

type Rejection = Exclude<GuardVerdict, { kind: 'continue' }>;

/** An error never lets a request pass: the user gets a page that says so. */
function failClosed(error: unknown): Rejection {
  return { kind: 'failed', error: AppError.from(error) };
}

/**
 * A page would be saved in the place of a file: what is not for a page gets a status, and no redirect to one.
 */
function respond(request: PageRequest, verdict: Rejection): NextResponse {
  const response = respondWithPage(verdict);
  const isLedToPage = response.status === 303 && request.method === 'GET';
  if (!isLedToPage || isForPage(request.headers)) return response;
  return emptyResponse(verdict.kind === 'redirect' ? 401 : 503);
}

function respondWithPage(verdict: Rejection): NextResponse {
  switch (verdict.kind) {
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

/** A problem page carries the status of its problem. */
function describeProblemPage({ pathname, search }: PageRequest): {
  status: number | null;
  retryAfter?: Record<string, string>;
} {
  if (pathname !== getDeclaration().paths.problem) return { status: null };
  const query = new URLSearchParams(search);
  const code = query.get('code');
  const status = isErrorCode(code) ? statusOfError(code) : 400;
  if (status !== 503 && status !== 429) return { status };
  return { status, retryAfter: { 'Retry-After': String(readWaitSec(query.get('wait')) ?? 60) } };
}
