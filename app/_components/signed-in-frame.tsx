/** The frame of a page for a signed-in user: where they can go, who they are, and the way out. */
import type { ReactNode } from 'react';
import { type SessionView, startSignInPath, withBasePath } from 'strongroom';
import { places } from '@/lib/places';
import { nowSec } from './now-sec';
import { PageFrame } from './page-frame';
import { SessionExpiry } from './session-expiry';
import { SignOutButton } from './sign-out-button';
import { SignedInAs } from './signed-in-as';
import { SiteNav } from './site-nav';
import { nameOf } from './user-name';

type SignedIn = {
  session: SessionView;
  /** The address of this page, to come back to. */
  here: string;
  children: ReactNode;
};

export function SignedInFrame({ session, here, children }: SignedIn) {
  const banner = (
    <>
      <SiteNav pathname={here.split('?', 1)[0] ?? ''} addressOf={withBasePath} />
      <div className="ml-auto flex min-w-0 items-center gap-3 text-small sm:gap-4">
        <SignedInAs name={nameOf(session.user)} />
        <SignOutButton />
      </div>
    </>
  );
  return (
    <PageFrame banner={banner} homePath={places.overview}>
      {children}
      <SessionExpiry
        endsInSec={session.endsAtSec - nowSec()}
        signInHref={startSignInPath({ returnTo: here })}
      />
    </PageFrame>
  );
}
