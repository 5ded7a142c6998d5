'use client';
/** Stands in for a page of a signed-in user that failed: the other pages and the way out stay. */
import { type Failed, Failure } from '@/app/_components/failure';
import { SignOutButton } from '@/app/_components/sign-out-button';
import { SiteNav } from '@/app/_components/site-nav';

export default function DashboardErrorPage(failed: Failed) {
  const banner = (
    <>
      <SiteNav />
      <div className="ml-auto text-small">
        <SignOutButton />
      </div>
    </>
  );
  return <Failure {...failed} banner={banner} />;
}
