'use client';
/** What a page shows when it failed unexpectedly. The reference is in the server's log. */
import { Button } from '@base-ui/react/button';
import type { ReactNode } from 'react';
import { places } from '@/lib/places';
import { PageFrame, PageHead } from './page-frame';
import { Reference } from './reference';

export type Failed = { error: Error & { digest?: string }; reset: () => void };

export function Failure({ error, reset, banner }: Failed & { banner?: ReactNode }) {
  return (
    <PageFrame banner={banner}>
      <PageHead title="This page could not be shown" />
      <div className="max-w-prose space-y-2">
        <p>Something went wrong on our side.</p>
        <p>You are not signed out by it, and nothing was changed.</p>
        <p className="flex flex-wrap items-center gap-x-6 gap-y-2 pt-6">
          <Button
            onClick={reset}
            className="min-h-11 cursor-pointer rounded-control bg-brass px-5 font-semibold text-on-brass hover:bg-brass-deep"
          >
            Try again
          </Button>
          <a href={places.home} className="link inline-flex min-h-11 items-center">
            Home
          </a>
        </p>
        <Reference value={error.digest ?? null} />
      </div>
    </PageFrame>
  );
}
