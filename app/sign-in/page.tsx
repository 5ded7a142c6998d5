/** Asks to sign in, and says which page comes next. Nothing starts before the link is followed. */
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { currentSession, drafts, getSettings, readSignInQuery, startSignInPath } from 'strongroom';
import { ActionLink } from '@/app/_components/action-link';
import { PageFrame } from '@/app/_components/page-frame';
import { PageHead } from '@/app/_components/page-head';
import type { PageQuery } from '@/app/_components/page-query';
import { TellOtherTabs } from '@/app/_components/tell-other-tabs';
import { placeNameOf } from '@/lib/places';
import { explainRejection, titleOf } from './session-rejection-words';
import { SignInLink } from './sign-in-link';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const query = readSignInQuery(await searchParams);
  const { returnTo, reason, parameters, isConfirmation } = query;
  // A link from elsewhere, such as one in a document, or a tab that was left open.
  if (query.leadsOn && (await currentSession()) !== null) redirect(returnTo);
  const place = placeNameOf(returnTo);
  const hasDraft = await drafts.exists();
  const { isSignUpOffered, sessionIdleSec } = getSettings();
  return (
    <PageFrame>
      {reason === undefined ? null : <TellOtherTabs />}
      <PageHead title={reason === undefined ? 'Please sign in' : titleOf(reason)} />
      <div className="max-w-prose space-y-4">
        {reason === undefined ? null : <p>{explainRejection(reason, sessionIdleSec)}</p>}
        {hasDraft ? <p>Nothing you wrote was lost.</p> : null}
        <p>
          {place === null ? 'You will come back to the page you wanted.' : `You will come back to ${place}.`}
        </p>
        {isConfirmation ? (
          <p>
            Your browser does not say where a click comes from, so one more is needed here. If this page comes
            back after it, allow cookies for this site.
          </p>
        ) : null}
        <p className="flex flex-wrap gap-3 pt-4">
          <SignInLink href={startSignInPath({ returnTo, parameters })} returnTo={returnTo} />
          {isSignUpOffered && reason === undefined ? (
            <ActionLink href={startSignInPath({ returnTo, parameters, account: 'new' })} look="plain">
              Create an account
            </ActionLink>
          ) : null}
        </p>
      </div>
    </PageFrame>
  );
}
