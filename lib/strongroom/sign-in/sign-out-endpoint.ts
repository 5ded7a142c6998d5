/** `POST /auth/sign-out` signs out, by a form on our own pages only. */
import 'server-only';
import type { NextRequest } from 'next/server';
import { readBoundedText } from '../base/bounded-body';
import { AppError } from '../base/errors';
import { isSameOriginRequest } from '../base/fetch-metadata';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { requestCookies } from '../session/next-cookies';
import { leadTo } from './departure-page';
import { redirectTo, redirectToProblem } from './respond';
import { type SignOutOutcome, signOut } from './sign-out';

/** Far more than the one field of the form. */
const maxBytes = 16_000;

export const signOutEndpoint = {
  async POST(request: NextRequest): Promise<Response> {
    if (!isSameOriginRequest(request.headers, getConfig().appOrigin)) {
      const error = new AppError('cross_site_request', { reason: 'sign_out' });
      return redirectToProblem('sign_out_rejected', error);
    }
    const form = new URLSearchParams((await readBoundedText(request, maxBytes)) ?? '');
    const outcome = await signOut(await requestCookies(), form.get('where') === 'everywhere');
    const response = respondTo(outcome);
    // Pages that the browser kept for Back, and what scripts stored. Cookies are removed by name. What
    // users typed must not stay: below a base path, other applications of the host lose their storage with it.
    response.headers.set('Clear-Site-Data', '"cache", "storage"');
    return response;
  },
  /** A link never signs out: it leads to the page that has the button. */
  GET: (): Response => redirectTo(getDeclaration().paths.session),
};

function respondTo(outcome: SignOutOutcome): Response {
  const { signedOut } = getDeclaration().paths;
  switch (outcome.kind) {
    case 'continue_there':
      return leadTo(outcome.url);
    case 'done':
      return redirectTo(signedOut);
    case 'no_logout':
      return redirectTo(`${signedOut}?left=no_logout`);
    case 'not_told':
      return redirectTo(`${signedOut}?left=provider`);
  }
}
