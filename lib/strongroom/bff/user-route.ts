/**
 * The one way to write a route handler for a signed-in user: it has checked the request before the handler
 * runs.
 */
import 'server-only';
import { readBoundedBytes } from '../base/bounded-body';
import { AppError } from '../base/errors';
import { classifyNavigation } from '../base/fetch-metadata';
import { privateCacheControl } from '../base/security-headers';
import { getConfig } from '../config/config';
import { signInPath } from '../sign-in/paths';
import { redirectTo, redirectToProblem, redirectToRateLimited } from '../sign-in/respond';
import { type Admission, admitUser } from './admit-user';
import { LoginRequiredError, RoleRequiredError, runAs } from './caller';
import { type SessionView, viewOf } from './session-view';

type Options = {
  /**
   * The page with the link to this route: users who arrive in another way, or sign in again, are sent there.
   */
  returnTo: string;
  /** Of the body; 64 kB when left out. */
  maxBytes?: number;
};

type UserRequest = { session: SessionView; request: Request };

/**
 * A route handler that runs only for a request of this site’s own pages, with a body of bounded size, within
 * the rate limit, and for a signed-in user. GET is for links on our pages: a request from another site, or a
 * prefetch, is redirected to `returnTo`. No cache keeps the response.
 * @example
 * export const GET = userRoute({ returnTo: '/invoices' }, async () => {
 *   const result = await exportInvoices();
 *   if (result.kind === 'ok') return new Response(result.value);
 *   return new Response(null, { status: 303, headers: { location: '/invoices' } });
 * });
 */
export function userRoute(
  { returnTo, maxBytes = 64_000 }: Options,
  handler: (request: UserRequest) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { headers, method } = request;
    const isReading = method === 'GET' || method === 'HEAD';
    if (isReading && classifyNavigation(headers, getConfig().appOrigin) !== 'same_origin')
      return redirectTo(returnTo);
    const declared = Number(headers.get('content-length') ?? 0);
    const admission = await admitUser({ headers, isNavigation: isReading, bytes: declared, maxBytes });
    if (admission.kind !== 'admitted') return respondRejected(admission, returnTo);
    const { caller } = admission;
    const bounded = isReading ? request : await readBounded(request, maxBytes);
    if (bounded === null) return respondRejected({ kind: 'too_large' }, returnTo);
    try {
      const view = viewOf(caller.session);
      return keepPrivate(await runAs(caller, () => handler({ session: view, request: bounded })));
    } catch (error) {
      if (error instanceof LoginRequiredError)
        return respondRejected({ kind: 'login_required', reason: error.reason }, returnTo);
      if (error instanceof RoleRequiredError) return respondRejected({ kind: 'role_required' }, returnTo);
      throw error;
    }
  };
}

/** The request with its whole body read, or null when that is longer than it may be. */
async function readBounded(request: Request, maxBytes: number): Promise<Request | null> {
  const { url, method, headers } = request;
  const body = await readBoundedBytes(request.body, maxBytes);
  return body === null ? null : new Request(url, { method, headers, body: new Uint8Array(body) });
}

/** In a copy, because the headers of a redirect, and those of a response that was fetched, cannot be changed. @see Fetch §5.5 */
function keepPrivate(response: Response): Response {
  const kept = new Response(response.body, response);
  if (!kept.headers.has('cache-control')) kept.headers.set('cache-control', privateCacheControl);
  return kept;
}

function respondRejected(admission: Exclude<Admission, { kind: 'admitted' }>, returnTo: string): Response {
  switch (admission.kind) {
    case 'login_required':
      return redirectTo(signInPath({ returnTo, reason: admission.reason }));
    case 'rate_limited':
      return redirectToRateLimited(admission, { returnTo });
    case 'indeterminate':
      return redirectToProblem(
        'session_indeterminate',
        new AppError('store_unavailable', { reason: 'session_indeterminate' }),
        { returnTo },
      );
    case 'role_required':
      return redirectToProblem('role_missing', new AppError('role_required'));
    case 'cross_site_request':
      return new Response(null, { status: 403 });
    case 'too_large':
      return new Response(null, { status: 413 });
  }
}
