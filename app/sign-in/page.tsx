/** Asks to sign in, and says which page comes next. Nothing starts before the link is followed. */
import type { Metadata } from 'next';
import { ActionLink } from '@/app/_components/action-link';
import { PageFrame, PageHead } from '@/app/_components/page-frame';
import { type PageQuery, readSingle } from '@/app/_components/page-query';
import { placeNameOf } from '@/app/_components/place-name';
import { TellOtherTabs } from '@/app/_components/tell-other-tabs';
import { readReturnTo } from '@/lib/strongroom/base/return-to';
import { getConfig } from '@/lib/strongroom/config/config';
import { hasDraft } from '@/lib/strongroom/session/draft';
import { readSignInReason } from '@/lib/strongroom/session/loaded-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { startSignInPath } from '@/lib/strongroom/sign-in/paths';
import { explainRejection } from './session-rejection-words';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const query = await searchParams;
  const returnTo = readReturnTo(readSingle(query, 'return_to'));
  const place = placeNameOf(returnTo);
  const reason = readSignInReason(readSingle(query, 'reason'));
  return (
    <PageFrame>
      {reason === undefined ? null : <TellOtherTabs />}
      <PageHead title="Sign in to continue" />
      <div className="max-w-prose space-y-4">
        {reason === undefined ? null : (
          <>
            <p className="font-semibold">
              Your session has ended.
              {hasDraft(await requestCookies()) ? ' Nothing you wrote was lost.' : null}
            </p>
            <p>{explainRejection(reason, getConfig().sessionIdleSec)}</p>
          </>
        )}
        <p>
          {place === null ? 'You will come back to the page you wanted.' : `You will come back to ${place}.`}
        </p>
        <p className="pt-4">
          <ActionLink href={startSignInPath({ returnTo })}>Sign in to continue</ActionLink>
        </p>
      </div>
    </PageFrame>
  );
}
