/** One contact. */
import type { Metadata } from 'next';
import { cache } from 'react';
import { type CallResult, requireSession } from 'strongroom';
import { ApiOutcome } from '@/app/_components/api-outcome';
import { type Fact, Facts } from '@/app/_components/facts';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { listEventsWith } from '@/lib/api/calendar';
import { type Contact, getContact } from '@/lib/api/contacts';
import { places, productName } from '@/lib/places';
import { joinWords } from '../contact-table';
import { ContactPicture } from './contact-picture';
import { NextEvents } from './next-events';

type Address = { params: Promise<{ id: string }> };

/** One call to the API for the page and its title, whichever comes first. */
const loadContact = cache(async (id: string) => {
  const here = addressOf(id);
  const session = await requireSession(here);
  return { here, session, result: await getContact(id) };
});

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  const id = readId((await params).id);
  // Where it leads elsewhere or throws, the page does too.
  const loaded = await loadContact(id).catch(() => null);
  if (loaded === null) return { title: untitled };
  const title = titleOf(loaded.result);
  // Next would read a `$&` in the name as a part of the template.
  return {
    title: loaded.result.kind === 'ok' ? { absolute: `${title} · Contacts · ${productName}` } : title,
  };
}

export default async function ContactPage({ params }: Address) {
  const id = readId((await params).id);
  const { here, session, result } = await loadContact(id);
  const email = result.kind === 'ok' ? result.value.email : '';
  const contactName = (result.kind === 'ok' && result.value.name) || 'this contact';
  const events = email === '' ? null : await listEventsWith(email);
  return (
    <SignedInFrame session={session} here={here}>
      <p className="-mt-4 mb-2">
        <PageLink href={places.contacts} className="link inline-flex min-h-11 items-center">
          All contacts
        </PageLink>
      </p>
      <PageHead title={titleOf(result)} />
      {result.kind === 'ok' ? <ContactPicture contact={result.value} session={session} here={here} /> : null}
      <ContactFacts result={result} here={here} />
      {events === null ? null : <NextEvents result={events} contactName={contactName} here={here} />}
    </SignedInFrame>
  );
}

/** Not Next's `notFound()`: its response is an empty page without JavaScript. */
function ContactFacts({ result, here }: { result: CallResult<Contact>; here: string }) {
  if (result.kind === 'ok') return <Facts facts={listFacts(result.value)} />;
  if (isMissing(result))
    return <p>The address may be mistyped, or the contact is gone. Nothing else changed.</p>;
  return <ApiOutcome result={result} resource="Contacts" here={here} />;
}

const untitled = 'Contact';

function titleOf(result: CallResult<Contact>): string {
  if (result.kind === 'ok') return result.value.name || 'No name';
  return isMissing(result) ? 'There is no such contact' : untitled;
}

function isMissing({ kind }: CallResult<Contact>): boolean {
  return kind === 'not_found' || kind === 'invalid';
}

function addressOf(id: string): string {
  return `${places.contacts}/${encodeURIComponent(id)}`;
}

/** Next hands dynamic segments over as they are in the address: still encoded. */
function readId(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Only what is known: no row for an empty value. */
function listFacts(contact: Contact): Fact[] {
  const facts: (Fact & { isKnown: boolean })[] = [
    { name: 'Company', value: contact.company, isKnown: contact.company !== '' },
    { name: 'Role', value: contact.role, isKnown: contact.role !== '' },
    { name: 'E-mail', value: <MailLink address={contact.email} />, isKnown: contact.email !== '' },
    { name: 'Phone', value: <PhoneLink number={contact.phone} />, isKnown: contact.phone !== '' },
    {
      name: 'City',
      value: joinWords([contact.city, contact.country]),
      isKnown: contact.city + contact.country !== '',
    },
    {
      name: 'Notes',
      value: <p className="max-w-prose whitespace-pre-wrap">{contact.notes}</p>,
      isKnown: contact.notes !== '',
    },
    { name: 'Last changed', value: <TimeAgo at={contact.updatedAt} isPast />, isKnown: true },
  ];
  return facts.filter(({ isKnown }) => isKnown);
}

/** As high as a finger needs in one line and in two, without a row that is higher for it. */
const contactLink = 'link -my-2.5 inline-block py-2.5 wrap-anywhere';

function MailLink({ address }: { address: string }) {
  return (
    <a href={`mailto:${encodeURIComponent(address)}`} className={contactLink}>
      {address}
    </a>
  );
}

function PhoneLink({ number }: { number: string }) {
  return (
    <a href={`tel:${number.replace(/[^+\d]/g, '')}`} className={contactLink}>
      {number}
    </a>
  );
}
