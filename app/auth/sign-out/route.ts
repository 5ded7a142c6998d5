/** Signs out: by a form on our own pages only. */
import type { NextRequest } from 'next/server';
import { isOwnRequest } from '@/lib/auth/same-origin';
import { signedOutPath, signOut } from '@/lib/auth/sign-out';
import { readBoundedText } from '@/lib/base/bounded-body';
import { AppError } from '@/lib/base/errors';
import { getConfig } from '@/lib/config/config';
import { requestCookies } from '@/lib/session/next-cookies';
import { redirectTo, redirectToProblem } from '../respond';

/** Far more than the one field of the form. */
const maxBytes = 16_000;

export async function POST(request: NextRequest): Promise<Response> {
  if (!isOwnRequest(request.headers, getConfig().appOrigin))
    return redirectToProblem('sign_out_refused', new AppError('cross_site_request', { reason: 'sign_out' }));
  const form = new URLSearchParams((await readBoundedText(request, maxBytes)) ?? '');
  const outcome = await signOut(await requestCookies(), form.get('where') === 'everywhere');
  switch (outcome.kind) {
    case 'continue_there':
      return redirectTo(outcome.url);
    case 'done':
      return redirectTo(signedOutPath);
    case 'not_told':
      return redirectTo(`${signedOutPath}?left=provider`);
  }
}

/** A link never signs anybody out: it leads to the page that has the button. */
export function GET(): Response {
  return redirectTo('/dashboard/session');
}
