/** For addresses that lead nowhere. */
import type { Metadata } from 'next';
import { PageFrame } from '@/app/_components/page-frame';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { places } from '@/lib/places';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <PageFrame>
      <PageHead title="There is no page here" />
      <div className="max-w-prose space-y-4">
        <p>The address may be mistyped, or what it showed is gone. Nothing else changed.</p>
        <p className="flex flex-wrap gap-x-6">
          <PageLink href={places.overview} className="link inline-flex min-h-11 items-center">
            Overview
          </PageLink>
          <PageLink href={places.home} className="link inline-flex min-h-11 items-center">
            Home
          </PageLink>
        </p>
      </div>
    </PageFrame>
  );
}
