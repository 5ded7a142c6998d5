/** Invoices: all of them, and the form for a new one. */
import { randomUUID } from 'node:crypto';
import type { Metadata } from 'next';
import { type CallResult, requireSession, type SessionView } from 'strongroom';
import { ApiOutcome, PermissionNeeded } from '@/app/_components/api-outcome';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { buildAddress, type PageQuery, readPageNumber } from '@/app/_components/page-query';
import { Pagination } from '@/app/_components/pagination';
import { Section } from '@/app/_components/section';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { type Invoice, listInvoices } from '@/lib/api/invoices';
import type { Page } from '@/lib/api/wire';
import { places } from '@/lib/places';
import { InvoiceForm } from './invoice-form';
import { sayTotal } from './say-total';

export const metadata: Metadata = { title: 'Invoices' };

const writePermission = 'write:invoices';

function addressOf(page: number): string {
  return buildAddress(places.invoices, { page: page === 1 ? null : String(page) });
}

export default async function InvoicesPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const page = readPageNumber(await searchParams);
  const here = addressOf(page);
  const session = await requireSession(here);
  const result = await listInvoices({ page });
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Invoices" />
      <NewInvoice session={session} />
      <Section title="Newest first">
        <Invoices result={result} here={here} />
      </Section>
    </SignedInFrame>
  );
}

function NewInvoice({ session }: { session: SessionView }) {
  if (!session.scopes.includes(writePermission))
    return <PermissionNeeded scope={writePermission} here={places.invoices} />;
  return (
    <InvoiceForm
      owner={session.pseudonym}
      initial={{ key: randomUUID(), customer: '', total: '', outcome: null }}
    />
  );
}

function Invoices({ result, here }: { result: CallResult<Page<Invoice>>; here: string }) {
  if (result.kind !== 'ok') return <ApiOutcome result={result} resource="Invoices" here={here} />;
  const { items, page, perPage, total } = result.value;
  return (
    <>
      <ul className="border-b border-rule">
        {items.map(({ id, customer, totalCents }) => (
          <li key={id} className="flex justify-between border-t border-rule py-2">
            <PageLink href={`${places.invoices}/${encodeURIComponent(id)}`} className="link">
              {customer}
            </PageLink>
            {sayTotal(totalCents)}
          </li>
        ))}
      </ul>
      <Pagination page={page} perPage={perPage} total={total} hrefOf={addressOf} />
    </>
  );
}
