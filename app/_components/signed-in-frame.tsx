/** The frame of a page for a signed-in user: where they can go, who they are, and the way out. */
import type { ReactNode } from 'react';
import { type SessionView, startSignInPath, withBasePath } from 'strongroom';
import { places } from '@/lib/places';
import { nowSec } from './now-sec';
import { PageFrame } from './page-frame';
import { SessionExpiry } from './session-expiry';
import { SignOutButton } from './sign-out-button';
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
        <span
          className="max-w-15 truncate text-soft min-[24rem]:max-w-36 sm:max-w-44"
          title={nameOf(session.user)}
          data-private
        >
          <span className="sr-only">Signed in as </span>
          {nameOf(session.user)}
        </span>
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
