/** For addresses that lead nowhere: a document of its own, so that no other page carries its content along. */
import type { Metadata } from 'next';
import { PageFrame } from '@/app/_components/page-frame';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { places, productName } from '@/lib/places';
import RootLayout, { metadata as shared } from './layout';

export { viewport } from './layout';

// The nonce of the content security policy is new each time.
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { ...shared, title: `Not found · ${productName}` };

export default function GlobalNotFound() {
  return (
    <RootLayout>
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
    </RootLayout>
  );
}
