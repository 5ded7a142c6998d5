/**
 * The one way to write a route handler for a signed-in user: it has checked the request before the handler
 * runs.
 */
import 'server-only';
import { readBoundedBytes } from '../base/bounded-body';
import { classifyNavigation, isForPage, isSameOriginRequest } from '../base/fetch-metadata';
import { privateCacheControl } from '../base/security-headers';
import { getConfig } from '../config/config';
import { emptyResponse, redirectTo, rejectPrefetch } from '../sign-in/respond';
import { admitUser } from './admit-user';
import { LoginRequiredError, RoleRequiredError, runAs } from './caller';
import { askToConfirm } from './confirmed-link';
import { type NotAdmitted, redirectRejected, respondWithoutPage } from './rejected-response';
import { type SessionView, viewOf } from './session-view';

type Options = {
  /**
   * The page with the link to this route: users who arrive in another way, or sign in again, are sent there.
   */
  returnTo: string;
  /** Of the body; 64 kB when left out. */
  maxBytes?: number;
};

type UserRequest = {
  session: SessionView;
  request: Request;
  /**
   * Whether a browser shows the response as a page. If not, it saves it as a file or hands it to a script:
   * then a redirect to a page of ours becomes 409.
   */
  isPage: boolean;
};

/**
 * A route handler that runs only for a request of this site’s own pages, with a body of bounded size, within
 * the rate limit, and for a signed-in user. GET is for links on our pages, and for "Save link as": a user who
 * arrives in another way is redirected to `returnTo`, one whose browser does not say where the click comes
 * from is asked for one more, and what is no navigation gets a status without a page.
 * A prefetch and HEAD run nothing. No cache keeps the response.
 * @example
 * export const GET = userRoute({ returnTo: '/invoices' }, async () => {
 *   const result = await exportInvoices();
 *   if (result.kind === 'ok') return new Response(result.value);
 *   return new Response(null, { status: 303, headers: { location: withBasePath('/invoices') } });
 * });
 */
export function userRoute(
  { returnTo, maxBytes = 64_000 }: Options,
  handler: (request: UserRequest) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { headers, method } = request;
    // Next serves HEAD with the handler of GET, which may do more than look.
    if (method === 'HEAD') return emptyResponse(405, { allow: 'GET' });
    const isReading = method === 'GET';
    const isPage = isForPage(headers);
    const entry = isReading ? findEntry(headers) : 'admitted';
    if (entry === 'prefetch') return rejectPrefetch();
    const asked = entry === 'unknown' ? await askToConfirm(request) : null;
    if (asked !== null) return asked;
    if (entry === 'from_elsewhere') return isPage ? redirectTo(returnTo) : emptyResponse(403);
    const declared = Number(headers.get('content-length') ?? 0);
    const admission = await admitUser({ headers, isNavigation: isReading, bytes: declared, maxBytes });
    if (admission.kind !== 'admitted') return respond(admission);
    const { caller } = admission;
    const bounded = isReading ? request : await readBounded(request, maxBytes);
    if (bounded === null) return respond({ kind: 'too_large' });
    try {
      const session = viewOf(caller.session);
      const response = await runAs(caller, () => handler({ session, request: bounded, isPage }));
      return !isPage && isOwnRedirect(response) ? emptyResponse(409) : keepPrivate(response);
    } catch (error) {
      if (error instanceof LoginRequiredError)
        return respond({ kind: 'login_required', reason: error.reason });
      if (error instanceof RoleRequiredError) return respond({ kind: 'role_required' });
      throw error;
    }

    function respond(rejected: NotAdmitted): Response {
      return isPage ? redirectRejected(rejected, returnTo) : respondWithoutPage(rejected);
    }
  };
}

/** Who is behind a GET: `admitted` is a link on one of our pages, followed or saved. */
function findEntry(headers: Headers): 'admitted' | 'prefetch' | 'unknown' | 'from_elsewhere' {
  const { appOrigin } = getConfig();
  const kind = classifyNavigation(headers, appOrigin);
  if (kind === 'prefetch' || kind === 'unknown') return kind;
  if (kind === 'same_origin') return 'admitted';
  const isSaved = headers.get('sec-fetch-dest') === 'empty' && isSameOriginRequest(headers, appOrigin);
  return isSaved ? 'admitted' : 'from_elsewhere';
}

function isOwnRedirect({ status, headers }: Response): boolean {
  const { appOrigin } = getConfig();
  const location = headers.get('location');
  return status >= 300 && status < 400 && URL.parse(location ?? '', appOrigin)?.origin === appOrigin;
}

/** The request with its whole body read, or null when that is longer than it may be. */
async function readBounded(request: Request, maxBytes: number): Promise<Request | null> {
  const { url, method, headers } = request;
  const body = await readBoundedBytes(request.body, maxBytes);
  return body === null ? null : new Request(url, { method, headers, body: new Uint8Array(body) });
}

/**
 * In a copy, because the headers of a redirect, and those of a response that was fetched, cannot be changed.
 * @see Fetch §5.5
 */
function keepPrivate(response: Response): Response {
  const kept = new Response(response.body, response);
  if (!kept.headers.has('cache-control')) kept.headers.set('cache-control', privateCacheControl);
  return kept;
}
