/**
 * `GET /auth/sign-in` starts a sign-in for links on our own pages. Users who arrive from elsewhere are asked
 * first, and so are those whom the authorization server sends, by GET or POST. @see OIDC Core §4
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { readBoundedText } from '../base/bounded-body';
import { AppError } from '../base/errors';
import { classifyNavigation } from '../base/fetch-metadata';
import { ownParameters, type Parameters } from '../config/authorization-parameters';
import { getConfig } from '../config/config';
import { checkRateLimit } from '../server/rate-limit';
import { inspectSession } from '../session/load-session';
import { isRejected } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import { askForConfirmation, isConfirmed } from '../session/start-confirmation';
import { openStepUp } from '../session/step-up';
import { pseudonymOf } from '../session/user-pseudonym';
import { readAddedParameters, readWantedPage, signInPath } from './paths';
import {
  emptyResponse,
  redirectTo,
  redirectToProblem,
  redirectToRateLimited,
  rejectPrefetch,
  rejectSubresource,
} from './respond';
import { revokeGrant } from './revoke-grant';
import { startSignIn } from './start-sign-in';

/** Far more than the three fields of the form. */
const maxBytes = 16_000;

export const signInEndpoint = {
  async GET(request: NextRequest): Promise<Response> {
    const read = (name: string) => readSingle(request.nextUrl.searchParams, name);
    const [returnTo, parameters] = [readWantedPage(read), readAddedParameters(read)];
    switch (classifyNavigation(request.headers, getConfig().appOrigin)) {
      case 'prefetch':
        return rejectPrefetch();
      case 'subresource':
        return rejectSubresource();
      case 'cross_origin':
        return redirectTo(signInPath({ returnTo, parameters }));
      case 'unknown': {
        const jar = await requestCookies();
        if (isConfirmed(jar, readSingle(request.nextUrl.searchParams, 'confirm')))
          return begin(request, { returnTo, parameters });
        // One more click, on a link that only this browser was given.
        const asked = { ...readOwn(request), ...parameters, confirm: askForConfirmation(jar) };
        return redirectTo(signInPath({ returnTo, parameters: asked }));
      }
      case 'same_origin':
        return begin(request, { returnTo, parameters });
    }
  },
  /**
   * A sign-in that starts at the authorization server may come as a form. The user is asked.
   * @see OIDC Core §4
   */
  async POST(request: NextRequest): Promise<Response> {
    const form = new URLSearchParams((await readBoundedText(request, maxBytes)) ?? '');
    const read = (name: string) => readSingle(form, name);
    return redirectTo(signInPath({ returnTo: readWantedPage(read), parameters: readAddedParameters(read) }));
  },
  /** Next would run GET for a HEAD request, and start a sign-in. */
  HEAD: (): Response => emptyResponse(204),
};

type Wanted = { returnTo: string; parameters: Parameters };

async function begin(request: NextRequest, { returnTo, parameters }: Wanted): Promise<Response> {
  const confirm = readSingle(request.nextUrl.searchParams, 'confirm');
  // A page that another site linked to, with a value of its own, must not ask for more than a sign-in.
  const isOurs = confirm === null || isConfirmed(await requestCookies(), confirm);
  const { permission, step_up: stepUp = null, account } = isOurs ? readOwn(request) : {};
  const wanted = { returnTo, permission, parameters };
  const rateLimit = await checkRateLimit('sign_in', request.headers);
  if (rateLimit.kind === 'rate_limited') return redirectToRateLimited(rateLimit, wanted);
  const chosen = account === 'another' || account === 'new' ? account : null;
  return start({ ...wanted, account: chosen }, stepUp);
}

/** What our own links ask for besides the page. */
function readOwn(request: NextRequest): Partial<Record<(typeof ownParameters)[number], string>> {
  const entries = ownParameters.map(
    (name) => [name, readSingle(request.nextUrl.searchParams, name)] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

type Start = {
  returnTo: string;
  permission: string | undefined;
  parameters: Parameters;
  account: 'another' | 'new' | null;
};

async function start(wanted: Start, sealedStepUp: string | null): Promise<Response> {
  const jar = await requestCookies();
  try {
    const loaded = await inspectSession(jar);
    if (isRejected(loaded)) await revokeGrant(loaded);
    const session = loaded.kind === 'active' ? loaded.session : null;
    const stepUp = session === null ? null : await openStepUp(sealedStepUp, pseudonymOf(session.user));
    const signIn = { ...wanted, permission: wanted.permission ?? null, stepUp, session };
    return redirectTo(await startSignIn(jar, signIn));
  } catch (error) {
    return redirectToProblem('sign_in_not_started', AppError.from(error), wanted);
  }
}

/** A parameter that is there once; repeated ones count as absent (RFC 6749 §3.1). */
function readSingle(query: URLSearchParams, name: string): string | null {
  const values = query.getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}
