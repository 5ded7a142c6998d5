'use client';
/**
 * Stands in for a page of a signed-in user that failed. Every page carries this file along, so that what it shows is
 * fetched when it is needed; where that fails too, the page around everything (app/global-error.tsx) stands in.
 */
import { lazy, Suspense } from 'react';
import type { Failed } from '@/app/_components/failure';

const SignedInFailure = lazy(() => import('./signed-in-failure'));

export default function DashboardErrorPage(failed: Failed) {
  return (
    <Suspense>
      <SignedInFailure {...failed} />
    </Suspense>
  );
}
