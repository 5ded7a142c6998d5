/** What a route responds when its request was not admitted: a page for a navigation, else a status alone. */
import 'server-only';
import { AppError, statusOfError } from '../base/errors';
import { signInPath } from '../sign-in/paths';
import {
  emptyResponse,
  redirectTo,
  redirectToIndeterminate,
  redirectToProblem,
  redirectToRateLimited,
} from '../sign-in/respond';
import type { Admission } from './admit-user';

export type NotAdmitted = Exclude<Admission, { kind: 'admitted' }>;

export function redirectRejected(admission: NotAdmitted, returnTo: string): Response {
  switch (admission.kind) {
    case 'login_required':
      return redirectTo(signInPath({ returnTo, reason: admission.reason }));
    case 'rate_limited':
      return redirectToRateLimited(admission, { returnTo });
    case 'indeterminate':
      return redirectToIndeterminate(returnTo);
    case 'role_required':
      return redirectToProblem('role_missing', new AppError('role_required'), { returnTo });
    case 'cross_site_request':
      return emptyResponse(403);
    case 'too_large':
      return emptyResponse(413);
  }
}

/** A status says what a page would; a browser that saves a file reports it as failed. */
export function respondWithoutPage(admission: NotAdmitted): Response {
  switch (admission.kind) {
    case 'login_required':
      return emptyResponse(401);
    case 'rate_limited':
      return emptyResponse(429, { 'retry-after': String(admission.retryAfterSec) });
    case 'indeterminate':
      return emptyResponse(statusOfError('store_unavailable'));
    case 'role_required':
    case 'cross_site_request':
      return emptyResponse(403);
    case 'too_large':
      return emptyResponse(413);
  }
}
