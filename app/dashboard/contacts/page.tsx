/** Contacts: find one fast. */
import type { Metadata } from 'next';
import { type CallResult, requireSession, startSignInPath, withBasePath } from 'strongroom';
import { ApiOutcome } from '@/app/_components/api-outcome';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { buildAddress, type PageQuery, readPageNumber, readSingle } from '@/app/_components/page-query';
import { Pagination } from '@/app/_components/pagination';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { type Contact, searchContacts } from '@/lib/api/contacts';
import type { Page } from '@/lib/api/wire';
import { places } from '@/lib/places';
import { ContactSearch } from './contact-search';
import { ContactTable } from './contact-table';

export const metadata: Metadata = { title: 'Contacts' };

const path = places.contacts;
const maxQueryChars = 100;

type Search = { query: string; page: number };

function addressOf({ query, page }: Search): string {
  return buildAddress(path, { q: query, page: page === 1 ? null : String(page) });
}

export default async function ContactsPage({ searchParams }: { searchParams: Promise<PageQuery> }) {
  const search = readSearch(await searchParams);
  const here = addressOf(search);
  const session = await requireSession(here);
  const result = await searchContacts(search);
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Contacts">
        <p role="status">{result.kind === 'ok' ? sayCount(result.value.total, search.query) : ''}</p>
      </PageHead>
      <ContactSearch query={search.query} path={path} signInHref={startSignInPath({ returnTo: here })} />
      <Contacts result={result} search={search} here={here} />
    </SignedInFrame>
  );
}

function Contacts({
  result,
  search,
  here,
}: {
  result: CallResult<Page<Contact>>;
  search: Search;
  here: string;
}) {
  if (result.kind !== 'ok') return <ApiOutcome result={result} resource="Contacts" here={here} />;
  const { items, page, perPage, total } = result.value;
  if (items.length === 0) return <Nobody search={search} />;
  const hrefOf = (target: number) => addressOf({ query: search.query, page: target });
  return (
    <>
      <ContactTable contacts={items} caption={sayCount(total, search.query)} />
      <Pagination page={page} perPage={perPage} total={total} hrefOf={hrefOf} />
      {/* Not a Link: a file is never fetched ahead. */}
      <a href={withBasePath(places.contactsExport)} className="link mt-4 inline-flex min-h-11 items-center">
        Export all contacts
      </a>
    </>
  );
}

function Nobody({ search: { query, page } }: { search: Search }) {
  const words =
    page > 1
      ? 'The list ends before this page.'
      : query
        ? `Nobody matches “${query}”.`
        : 'You have no contacts yet.';
  return (
    <div className="border-y border-rule py-4">
      <p>{words}</p>
      {query || page > 1 ? (
        <PageLink href={path} className="link inline-flex min-h-11 items-center">
          Show all contacts
        </PageLink>
      ) : null}
    </div>
  );
}

function readSearch(query: PageQuery): Search {
  return {
    query: (readSingle(query, 'q') ?? '').trim().slice(0, maxQueryChars),
    page: readPageNumber(query),
  };
}

function sayCount(total: number, query: string): string {
  const people = `${total.toLocaleString('en')} ${total === 1 ? 'contact' : 'contacts'}`;
  return query ? `${people} for “${query}”` : people;
}
