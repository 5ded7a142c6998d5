/**
 * `GET /auth/sign-in` starts a sign-in for links on our own pages. Users who arrive from elsewhere are asked
 * first.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { AppError } from '../base/errors';
import { classifyNavigation } from '../base/fetch-metadata';
import { type Parameters, readLinkParameters } from '../config/authorization-parameters';
import { getConfig } from '../config/config';
import { checkRateLimit } from '../server/rate-limit';
import { inspectSession } from '../session/load-session';
import { isRejected } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import { openStepUp } from '../session/step-up';
import { pseudonymOf } from '../session/user-pseudonym';
import { readReturnTo, signInPath } from './paths';
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

export const signInEndpoint = {
  async GET(request: NextRequest): Promise<Response> {
    const returnTo = readReturnTo(readSingle(request, 'return_to'));
    const parameters = readLinkParameters(getConfig().linkParameters, (name) => readSingle(request, name));
    switch (classifyNavigation(request.headers, getConfig().appOrigin)) {
      case 'prefetch':
        return rejectPrefetch();
      case 'subresource':
        return rejectSubresource();
      case 'cross_origin':
        return redirectTo(signInPath({ returnTo, parameters }));
      case 'same_origin': {
        const permission = readSingle(request, 'permission') ?? undefined;
        const wanted = { returnTo, permission, parameters };
        const rateLimit = await checkRateLimit('sign_in', request.headers);
        if (rateLimit.kind === 'rate_limited') return redirectToRateLimited(rateLimit, wanted);
        const isAnotherAccount = readSingle(request, 'account') === 'another';
        return start({ ...wanted, isAnotherAccount }, readSingle(request, 'step_up'));
      }
    }
  },
  /** Next would run GET for a HEAD request, and start a sign-in. */
  HEAD: (): Response => emptyResponse(204),
};

type Start = {
  returnTo: string;
  permission: string | undefined;
  parameters: Parameters;
  isAnotherAccount: boolean;
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
function readSingle(request: NextRequest, name: string): string | null {
  const values = request.nextUrl.searchParams.getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}
