/** Signs out: by a form on our own pages only. */
import type { NextRequest } from 'next/server';
import { readBoundedText } from '@/lib/strongroom/base/bounded-body';
import { AppError } from '@/lib/strongroom/base/errors';
import { isSameOriginRequest } from '@/lib/strongroom/base/fetch-metadata';
import { getConfig } from '@/lib/strongroom/config/config';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { type SignOutOutcome, signedOutPath, signOut } from '@/lib/strongroom/sign-in/sign-out';
import { redirectTo, redirectToProblem } from '../../../lib/strongroom/sign-in/respond';

/** Far more than the one field of the form. */
const maxBytes = 16_000;

export async function POST(request: NextRequest): Promise<Response> {
  if (!isSameOriginRequest(request.headers, getConfig().appOrigin))
    return redirectToProblem('sign_out_rejected', new AppError('cross_site_request', { reason: 'sign_out' }));
  const form = new URLSearchParams((await readBoundedText(request, maxBytes)) ?? '');
  const outcome = await signOut(await requestCookies(), form.get('where') === 'everywhere');
  const response = redirectTo(targetAfter(outcome));
  // Pages that the browser kept for Back, and what scripts stored. Cookies go by name. @see requirements HD-06
  response.headers.set('Clear-Site-Data', '"cache", "storage"');
  return response;
}

function targetAfter(outcome: SignOutOutcome): string | URL {
  switch (outcome.kind) {
    case 'continue_there':
      return outcome.url;
    case 'done':
      return signedOutPath;
    case 'not_told':
      return `${signedOutPath}?left=provider`;
  }
}

/** A link never signs anybody out: it leads to the page that has the button. */
export function GET(): Response {
  return redirectTo('/dashboard/session');
}
