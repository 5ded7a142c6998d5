/** Overview: who is signed in, and how many invoices there are. */
import type { Metadata } from 'next';
import { requireSession } from 'strongroom';
import { ApiOutcome } from '@/app/_components/api-outcome';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { Portrait } from '@/app/_components/portrait';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { initialsOf, nameOf } from '@/app/_components/user-name';
import { listInvoices } from '@/lib/api/invoices';
import { places } from '@/lib/places';

export const metadata: Metadata = { title: 'Overview' };

const here = places.overview;

export default async function OverviewPage() {
  const session = await requireSession(here);
  const result = await listInvoices({ page: 1 });
  const name = nameOf(session.user);
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Overview" />
      <div className="flex items-center gap-4">
        <Portrait initials={initialsOf(name)} source={session.user.picture} size="large" />
        <p className="text-large font-semibold">{name}</p>
      </div>
      {result.kind === 'ok' ? (
        <PageLink href={places.invoices} className="link inline-flex min-h-11 items-center">
          {`${result.value.total} invoices`}
        </PageLink>
      ) : (
        <ApiOutcome result={result} resource="Invoices" here={here} />
      )}
    </SignedInFrame>
  );
}
