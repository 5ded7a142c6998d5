/** Says why signing in did not work, what was kept, and what to do. The status of the answer is set in proxy.ts. */
import type { Metadata } from 'next';
import Link from 'next/link';
import { ActionLink } from '@/app/_components/action-link';
import { PageFrame, PageHead } from '@/app/_components/page-frame';
import { type PageQuery, readSingle } from '@/app/_components/page-query';
import { placeNameOf } from '@/app/_components/place-name';
import { Reference } from '@/app/_components/reference';
import { SignOutButton } from '@/app/_components/sign-out-button';
import { nameOf } from '@/app/_components/user-name';
import { readReference } from '@/lib/strongroom/base/reference';
import { readWaitSec } from '@/lib/strongroom/base/retry-after';
import { readReturnTo } from '@/lib/strongroom/base/return-to';
import { getConfig } from '@/lib/strongroom/config/config';
import type { Session } from '@/lib/strongroom/session/session';
import { currentSession } from '@/lib/strongroom/sign-in/current-session';
import { startSignInPath } from '@/lib/strongroom/sign-in/paths';
import { describeProblem } from './problem-words';

export const metadata: Metadata = { title: 'Sign-in problem' };

export default async function ProblemPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const query = await searchParams;
  const wanted = readSingle(query, 'return_to');
  const returnTo = readReturnTo(wanted);
  const { title, happened, kept, todo, action } = describeProblem(readSingle(query, 'code'), wanted !== null);
  const waitSec = readWaitSec(readSingle(query, 'wait'));
  const session = await currentSession();
  return (
    <PageFrame banner={session === null ? null : <Banner />}>
      <PageHead title={title} />
      <div className="max-w-prose space-y-2">
        <p>{happened}</p>
        <p>{kept}</p>
        <p>{waitSec === null ? todo : `Try again in ${waitSec} ${waitSec === 1 ? 'second' : 'seconds'}.`}</p>
        {session === null ? null : <StillSignedIn session={session} returnTo={returnTo} />}
        <p className="flex flex-wrap items-center gap-x-6 gap-y-2 pt-6">
          <ActionLink href={startSignInPath({ returnTo, permission: readPermission(query) })}>
            {action}
          </ActionLink>
          <Link href="/" prefetch={false} className="link inline-flex min-h-11 items-center">
            Home
          </Link>
        </p>
        <Reference value={readReference(readSingle(query, 'ref'))} />
      </div>
    </PageFrame>
  );
}

/** The one permission more that was asked for, if that is what went wrong. */
function readPermission(query: PageQuery): string | undefined {
  const permission = readSingle(query, 'permission');
  return getConfig().scopes.find((scope) => scope === permission);
}

function Banner() {
  return (
    <div className="ml-auto text-small">
      <SignOutButton />
    </div>
  );
}

function StillSignedIn({ session, returnTo }: { session: Session; returnTo: string }) {
  return (
    <div>
      <p>You are still signed in as {nameOf(session.user)}.</p>
      <a href={returnTo} className="link inline-flex min-h-11 items-center">
        Go back to {placeNameOf(returnTo) ?? 'the page you wanted'}
      </a>
    </div>
  );
}
