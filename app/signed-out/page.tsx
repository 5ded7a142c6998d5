/** Says that the user is signed out, and where they may not be yet. */
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { currentSession, startSignInPath } from 'strongroom';
import { ActionLink } from '@/app/_components/action-link';
import { PageFrame } from '@/app/_components/page-frame';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { type PageQuery, readSingle } from '@/app/_components/page-query';
import { TellOtherTabs } from '@/app/_components/tell-other-tabs';
import { places, productName } from '@/lib/places';

export const metadata: Metadata = { title: 'Signed out' };

export default async function SignedOutPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  // The user typed the address, or signed in again in another tab: this page would not be true.
  if ((await currentSession()) !== null) redirect(places.session);
  const left = readSingle(await searchParams, 'left');
  const words = left === null || !Object.hasOwn(leftThere, left) ? null : leftThere[left];
  return (
    <PageFrame>
      <TellOtherTabs />
      <PageHead title={words == null ? 'You are signed out' : 'You are signed out here'} />
      <div className="max-w-prose space-y-4">
        <p>{words ?? `${productName} keeps nothing about you in this browser.`}</p>
        <p className="flex flex-wrap items-center gap-x-6 gap-y-2 pt-4">
          <ActionLink href={startSignInPath({ returnTo: places.overview })}>Sign in again</ActionLink>
          <PageLink href={places.home} className="link inline-flex min-h-11 items-center">
            Home
          </PageLink>
        </p>
      </div>
    </PageFrame>
  );
}

/** What the address says of the sign-in at the sign-in service: nothing when it ended too. */
const leftThere: Readonly<Record<string, string>> = {
  provider:
    'The sign-in service could not be told; you may still be signed in there. On a shared computer, sign out there too, or close the browser.',
  no_logout:
    'You may still be signed in at the sign-in service: it offers no way to sign out from here, and “Sign in again” can let you in without a question. On a shared computer, sign out there too, or close the browser.',
};
