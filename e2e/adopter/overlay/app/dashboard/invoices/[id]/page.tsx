/** One invoice. */
import type { Metadata } from 'next';
import { requireSession } from 'strongroom';
import { ApiOutcome } from '@/app/_components/api-outcome';
import { Facts } from '@/app/_components/facts';
import { PageHead } from '@/app/_components/page-head';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { getInvoice, type Invoice } from '@/lib/api/invoices';
import { places } from '@/lib/places';
import { sayTotal } from '../say-total';

export const metadata: Metadata = { title: 'Invoice' };

export default async function InvoicePage({ params }: { params: Promise<{ id: string }> }) {
  const id = decodeURIComponent((await params).id);
  const here = `${places.invoices}/${encodeURIComponent(id)}`;
  const session = await requireSession(here);
  const result = await getInvoice(id);
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title={result.kind === 'ok' ? `Invoice ${result.value.id}` : 'Invoice'} />
      {result.kind === 'ok' ? (
        <Facts facts={listFacts(result.value)} />
      ) : (
        <ApiOutcome result={result} resource="Invoices" here={here} />
      )}
    </SignedInFrame>
  );
}

function listFacts({ customer, totalCents, isPaid, issuedAt }: Invoice) {
  return [
    { name: 'Customer', value: customer },
    { name: 'Total', value: sayTotal(totalCents) },
    { name: 'Paid', value: isPaid ? 'yes' : 'not yet' },
    { name: 'Issued', value: <TimeAgo at={issuedAt} isPast /> },
  ];
}
