/** For addresses that lead nowhere. */
import type { Metadata } from 'next';
import Link from 'next/link';
import { PageFrame, PageHead } from '@/app/_components/page-frame';
import { places } from '@/lib/places';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <PageFrame>
      <PageHead title="There is no page here" />
      <div className="max-w-prose space-y-4">
        <p>The address may be mistyped, or what it showed is gone. Nothing else changed.</p>
        <p className="flex flex-wrap gap-x-6">
          <Link href={places.overview} prefetch={false} className="link inline-flex min-h-11 items-center">
            Overview
          </Link>
          <Link href={places.home} prefetch={false} className="link inline-flex min-h-11 items-center">
            Home
          </Link>
        </p>
      </div>
    </PageFrame>
  );
}
