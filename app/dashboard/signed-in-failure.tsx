'use client';
/** What a signed-in user sees of a page that failed: the other pages and the way out stay. */
import { usePathname } from 'next/navigation';
import { withBasePath } from 'strongroom/client';
import { type Failed, Failure } from '@/app/_components/failure';
import { SignOutForm, signOutPath } from '@/app/_components/sign-out-form';
import { SiteNav } from '@/app/_components/site-nav';

export default function SignedInFailure(failed: Failed) {
  const banner = (
    <>
      <SiteNav pathname={usePathname()} addressOf={withBasePath} />
      <div className="ml-auto text-small">
        <SignOutForm action={withBasePath(signOutPath)} />
      </div>
    </>
  );
  return <Failure {...failed} banner={banner} />;
}
