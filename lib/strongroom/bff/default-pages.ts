/**
 * Plain pages around signing in, for an application that declares none of its own: to ask, to say what went
 * wrong, and to say that the user is signed out. Where the adopter has a page, the one of the core does not
 * exist.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { withBasePath } from '../base/base-path';
import { type ErrorCode, statusOfError } from '../base/errors';
import { type CompleteDeclaration, defaultPages, getDeclaration } from '../config/declaration';
import type { SignInReason } from '../session/loaded-session';
import type { DefaultPages } from '../sign-in/auth-routes';
import { startSignInPath } from '../sign-in/paths';
import { respondWithPlainPage } from '../sign-in/plain-page';
import { emptyResponse, redirectTo } from '../sign-in/respond';
import { oneMoreClick } from './confirmed-link';
import { currentSession } from './page-session';
import { readProblem, readSignInQuery } from './sign-in-pages';

type Name = keyof typeof defaultPages;
type Query = Record<string, string | string[]>;
type Paths = CompleteDeclaration['paths'];

export const pagesOfTheCore: DefaultPages = {
  [defaultPages.signIn]: page('signIn', askToSignIn),
  [defaultPages.problem]: page('problem', sayProblem),
  [defaultPages.signedOut]: page('signedOut', saySignedOut),
};

function page(name: Name, respond: (query: Query, paths: Paths) => Promise<Response>) {
  return {
    async GET({ nextUrl: { searchParams } }: NextRequest): Promise<Response> {
      const { paths } = getDeclaration();
      if (paths[name] !== defaultPages[name]) return emptyResponse(404);
      return respond(readQuery(searchParams), paths);
    },
  };
}

/** A parameter that is repeated is a list, as for a page. */
function readQuery(parameters: URLSearchParams): Query {
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const [first = '', ...more] = parameters.getAll(name);
      return [name, more.length === 0 ? first : [first, ...more]];
    }),
  );
}

/** The session has not ended, but is of no use here. */
const protections: Readonly<Partial<Record<SignInReason, string>>> = {
  dpop_required: 'This page now needs a sign-in that is better protected.',
  device_not_proven: 'Your session is bound to a device, and this browser did not prove that it is on it.',
  device_required:
    'Sessions here must be bound to a device, which Chrome on Windows can do and this browser has not done.',
};

async function askToSignIn(query: Query): Promise<Response> {
  const { returnTo, reason, parameters, isConfirmation, leadsOn } = readSignInQuery(query);
  if (leadsOn && (await currentSession()) !== null) return redirectTo(returnTo);
  const protection = reason === undefined ? undefined : protections[reason];
  return respondWithPlainPage({
    heading: reason === undefined || protection !== undefined ? 'Please sign in' : 'Your session has ended',
    texts: [
      ...(protection === undefined ? [] : [protection]),
      'You will come back to the page you wanted.',
      ...(isConfirmation ? [oneMoreClick] : []),
    ],
    links: [{ name: 'Sign in', address: startSignInPath({ returnTo, parameters }) }],
  });
}

const headings: Readonly<Partial<Record<ErrorCode, string>>> = {
  access_denied: 'Access was not granted',
  another_account: 'Another account answered',
  role_required: 'Your account can’t open this',
  temporarily_unavailable: 'The sign-in service is not answering',
  server_error: 'The sign-in service is not answering',
  rate_limited: 'Too many attempts',
  cross_site_request: 'This request came from another site',
};

async function sayProblem(query: Query, { home }: Paths): Promise<Response> {
  const problem = await readProblem(query);
  const { code, reference, waitSec, returnTo, permission, stepUp, parameters } = problem;
  const account = ['another_account', 'role_required'].includes(code) ? 'another' : undefined;
  const again = startSignInPath({ returnTo, permission, stepUp, parameters, account });
  const response = respondWithPlainPage(
    {
      heading: headings[code] ?? 'Signing in did not work',
      texts: [
        'Nothing was shared and nothing was changed.',
        waitSec === null ? 'Try again, or go back home.' : `Try again in ${waitSec} s.`,
      ],
      links: [
        { name: 'Try again', address: again },
        { name: 'Home', address: withBasePath(home) },
      ],
      note: reference === null ? `Error ${code}` : `Reference ${reference} · ${code}`,
    },
    statusOfError(code),
  );
  if (response.status === 503 || response.status === 429)
    response.headers.set('Retry-After', String(waitSec ?? 60));
  return response;
}

const leftThere =
  'You may still be signed in at the sign-in service. On a shared computer, sign out there too.';

async function saySignedOut(query: Query, { home, afterSignIn, session }: Paths): Promise<Response> {
  if ((await currentSession()) !== null) return redirectTo(session);
  return respondWithPlainPage({
    heading: 'You are signed out',
    texts: [query.left === undefined ? 'Nothing about you is kept in this browser.' : leftThere],
    links: [
      { name: 'Sign in again', address: startSignInPath({ returnTo: afterSignIn }) },
      { name: 'Home', address: withBasePath(home) },
    ],
  });
}
