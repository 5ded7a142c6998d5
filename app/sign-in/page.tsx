/** Asks to sign in, and says which page comes next. Nothing starts before the link is followed. */
import type { Metadata } from 'next';
import { drafts, getSettings, readSignInQuery, startSignInPath } from 'strongroom';
import { ActionLink } from '@/app/_components/action-link';
import { PageFrame, PageHead } from '@/app/_components/page-frame';
import type { PageQuery } from '@/app/_components/page-query';
import { TellOtherTabs } from '@/app/_components/tell-other-tabs';
import { placeNameOf } from '@/lib/places';
import { explainRejection } from './session-rejection-words';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const { returnTo, reason, parameters } = readSignInQuery(await searchParams);
  const place = placeNameOf(returnTo);
  const hasDraft = await drafts.exists();
  return (
    <PageFrame>
      {reason === undefined ? null : <TellOtherTabs />}
      <PageHead title="Sign in to continue" />
      <div className="max-w-prose space-y-4">
        {reason === undefined ? null : (
          <>
            <p className="font-semibold">
              Your session has ended.{hasDraft ? ' Nothing you wrote was lost.' : null}
            </p>
            <p>{explainRejection(reason, getSettings().sessionIdleSec)}</p>
          </>
        )}
        {reason === undefined && hasDraft ? <p>Nothing you wrote was lost.</p> : null}
        <p>
          {place === null ? 'You will come back to the page you wanted.' : `You will come back to ${place}.`}
        </p>
        <p className="pt-4">
          <ActionLink href={startSignInPath({ returnTo, parameters })}>Sign in to continue</ActionLink>
        </p>
      </div>
    </PageFrame>
  );
}
