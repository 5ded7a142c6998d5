/**
 * Says why signing in did not work, what was kept, and what to do. The page guard sets the status of the response.
 */
import type { Metadata } from 'next';
import { currentSession, readProblem, type SessionView, startSignInPath, withBasePath } from 'strongroom';
import { ActionLink } from '@/app/_components/action-link';
import { PageFrame } from '@/app/_components/page-frame';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import type { PageQuery } from '@/app/_components/page-query';
import { Reference } from '@/app/_components/reference';
import { SignOutButton } from '@/app/_components/sign-out-button';
import { describeAccount, nameOf } from '@/app/_components/user-name';
import { placeNameOf, places } from '@/lib/places';
import { anotherAccountAlone, describeProblem } from './problem-words';

export const metadata: Metadata = { title: 'Sign-in problem' };

export default async function ProblemPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const problem = await readProblem(await searchParams);
  const { code, reference, waitSec, returnTo, permission, stepUp, parameters, otherAccount } = problem;
  const { variable } = problem;
  // The server answers for the other account again unless its user may choose.
  const account = code === 'another_account' ? 'another' : undefined;
  const isRoleMissing = code === 'role_required';
  const session = await currentSession();
  const isAlone = code === 'another_account' && session === null;
  const words = isAlone ? anotherAccountAlone : describeProblem(code, problem.isPageKept);
  const { title, happened, kept, todo, action } = words;
  return (
    <PageFrame banner={session === null ? null : <Banner />}>
      <PageHead title={title} />
      <div className="max-w-prose space-y-2">
        {otherAccount === null ? (
          <p>{happened}</p>
        ) : (
          <p>
            The sign-in service answered for <strong>{describeAccount(otherAccount)}</strong>, not for the
            account that you use here.
          </p>
        )}
        <p>{kept}</p>
        <p>{waitSec === null ? todo : `Try again in ${waitSec} ${waitSec === 1 ? 'second' : 'seconds'}.`}</p>
        {session === null ? null : (
          // Going back to a page that is not for this account would lead here again.
          <StillSignedIn session={session} returnTo={isRoleMissing ? places.overview : returnTo} />
        )}
        <p className="flex flex-wrap items-center gap-x-6 gap-y-2 pt-6">
          <ActionLink href={startSignInPath({ returnTo, permission, stepUp, parameters, account })}>
            {action}
          </ActionLink>
          {otherAccount === null ? null : (
            <ActionLink look="plain" href={startSignInPath({ returnTo })}>
              Sign in as {nameOf(otherAccount)} instead
            </ActionLink>
          )}
          {code === 'access_denied' || isRoleMissing ? <AnotherAccount returnTo={returnTo} /> : null}
          <PageLink href={places.home} className="link inline-flex min-h-11 items-center">
            Home
          </PageLink>
        </p>
        <Reference value={reference} />
        {variable === null ? null : <ForDevelopers code={code} variable={variable} />}
      </div>
    </PageFrame>
  );
}

/** The words of the protocol, one click away. */
function ForDevelopers({ code, variable }: { code: string; variable: string }) {
  return (
    <details className="border-y border-rule">
      <summary className="cursor-pointer py-2.5 font-semibold marker:text-soft">For developers</summary>
      <p className="pb-4">
        The authorization server says <code>{code}</code>. Change <code>{variable}</code>; the log line with
        the reference has its words.
      </p>
    </details>
  );
}

function Banner() {
  return (
    <div className="ml-auto text-small">
      <SignOutButton />
    </div>
  );
}

/** The service remembers the account that was refused, and would choose it again without asking. */
function AnotherAccount({ returnTo }: { returnTo: string }) {
  return (
    <ActionLink href={startSignInPath({ returnTo, account: 'another' })} look="plain">
      Use another account
    </ActionLink>
  );
}

function StillSignedIn({ session, returnTo }: { session: SessionView; returnTo: string }) {
  return (
    <div>
      <p>You are still signed in as {describeAccount(session.user)}.</p>
      <a href={withBasePath(returnTo)} className="link inline-flex min-h-11 items-center">
        Go back to {placeNameOf(returnTo) ?? 'the page you wanted'}
      </a>
    </div>
  );
}
