'use client';
/** What a page shows when it failed unexpectedly. The reference is in the server's log. */
import { type ReactNode, useEffect } from 'react';
import { reloadIfOutdated, withBasePath } from 'strongroom/client';
import { places } from '@/lib/places';
import { Frame } from './frame';
import { PageHead } from './page-head';
import { Reference } from './reference';

/** `retry` asks the server again; the page around everything has none. */
export type Failed = { error: Error & { digest?: string }; reset: () => void; retry?: () => void };

/** What failed in the browser, such as a script that did not arrive, may fail again without new scripts. */
const reload = () => window.location.reload();

/** @param banner of a signed-in user; a public page does not know whether there is one */
export function Failure({ error, reset, retry = reset, banner }: Failed & { banner?: ReactNode }) {
  useEffect(() => void reloadIfOutdated(error), [error]);
  return (
    <Frame home={withBasePath(places.home)} banner={banner}>
      <PageHead title="This page could not be shown" />
      <div className="max-w-prose space-y-2">
        <p>Something went wrong, on our side or on the way.</p>
        <p>
          {banner === undefined ? 'If you are signed in, you stay so.' : 'It does not sign you out.'} If you
          were sending something, check whether it arrived before you send it again.
        </p>
        <p className="flex flex-wrap items-center gap-x-6 gap-y-2 pt-6">
          {/* Every page carries this one along, so it is the browser's own button. */}
          <button
            type="button"
            onClick={error.digest === undefined ? reload : retry}
            className="min-h-11 cursor-pointer rounded-control bg-brass px-5 font-semibold text-on-brass hover:bg-brass-deep"
          >
            Try again
          </button>
          <a href={withBasePath(places.home)} className="link inline-flex min-h-11 items-center">
            Home
          </a>
        </p>
        <Reference value={error.digest ?? null} />
      </div>
    </Frame>
  );
}
