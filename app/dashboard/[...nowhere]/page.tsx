/** For addresses below the Overview that lead nowhere: the menu stays. Elsewhere it is app/not-found.tsx. */
import type { Metadata } from 'next';
import { requireSession } from 'strongroom';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { places } from '@/lib/places';

export const metadata: Metadata = { title: 'Not found' };

export default async function NowherePage({ params }: { params: Promise<{ nowhere: string[] }> }) {
  const here = [places.overview, ...(await params).nowhere].join('/');
  const session = await requireSession(here, { status: 404 });
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="There is no page here" />
      <p>The address may be mistyped, or what it showed is gone. Nothing else changed.</p>
      <p className="mt-4">
        <PageLink href={places.overview} className="link inline-flex min-h-11 items-center">
          Overview
        </PageLink>
      </p>
    </SignedInFrame>
  );
}
