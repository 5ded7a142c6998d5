/** Says why signing in did not work, what was kept, and what to do. The status of the answer is set in proxy.ts. */
import type { Metadata } from 'next';
import Link from 'next/link';
import { ActionLink } from '@/app/_components/action-link';
import { PageFrame, PageHead } from '@/app/_components/page-frame';
import { nameOf } from '@/app/_components/person';
import { placeNameOf } from '@/app/_components/place-name';
import { Reference } from '@/app/_components/reference';
import { SignOutButton } from '@/app/_components/sign-out-button';
import { currentSession } from '@/lib/auth/current-session';
import { startPath } from '@/lib/auth/sign-in-path';
import { type PageQuery, readSingle } from '@/lib/base/page-query';
import { readReference } from '@/lib/base/reference';
import { readWaitSec } from '@/lib/base/retry-after';
import { readReturnTo } from '@/lib/base/return-to';
import { getConfig } from '@/lib/config/config';
import type { Session } from '@/lib/session/session';
import { describeProblem } from './problem-words';

export const metadata: Metadata = { title: 'Sign-in problem' };

export default async function ProblemPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const query = await searchParams;
  const { title, happened, kept, todo, action } = describeProblem(readSingle(query, 'code'));
  const returnTo = readReturnTo(readSingle(query, 'return_to'));
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
          <ActionLink href={startPath({ returnTo, permission: readPermission(query) })}>{action}</ActionLink>
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
