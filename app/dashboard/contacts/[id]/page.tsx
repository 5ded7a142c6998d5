/** One contact. */
import type { Metadata } from 'next';
import Link from 'next/link';
import { ApiOutcome } from '@/app/_components/api-outcome';
import { joinWords } from '@/app/_components/contact-table';
import { type Fact, Facts } from '@/app/_components/facts';
import { PageHead } from '@/app/_components/page-frame';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { type Contact, getContact } from '@/lib/api/contacts';
import type { ApiResult } from '@/lib/strongroom/api/api-result';
import { requireSession } from '@/lib/strongroom/sign-in/current-session';

export const metadata: Metadata = { title: 'Contact' };

export default async function ContactPage({ params }: { params: Promise<{ id: string }> }) {
  const id = readId((await params).id);
  const here = `/dashboard/contacts/${encodeURIComponent(id)}`;
  const session = await requireSession(here);
  const answer = await getContact(session, id);
  return (
    <SignedInFrame session={session} here={here}>
      <p className="-mt-4 mb-2">
        <Link href="/dashboard/contacts" prefetch={false} className="link inline-flex min-h-11 items-center">
          All contacts
        </Link>
      </p>
      <PageHead title={titleOf(answer)} />
      <ContactFacts answer={answer} here={here} />
    </SignedInFrame>
  );
}

/** Not Next's `notFound()`: its answer is an empty page without JavaScript. */
function ContactFacts({ answer, here }: { answer: ApiResult<Contact>; here: string }) {
  if (answer.kind === 'ok') return <Facts facts={listFacts(answer.value)} />;
  if (isNobody(answer))
    return <p>The address may be mistyped, or the contact is gone. Nothing else changed.</p>;
  return <ApiOutcome answer={answer} resource="Contacts" here={here} />;
}

function titleOf(answer: ApiResult<Contact>): string {
  if (answer.kind === 'ok') return answer.value.name || 'No name';
  return isNobody(answer) ? 'There is no such contact' : 'Contact';
}

function isNobody({ kind }: ApiResult<Contact>): boolean {
  return kind === 'not_found' || kind === 'invalid';
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

function MailLink({ address }: { address: string }) {
  return (
    <a
      href={`mailto:${encodeURIComponent(address)}`}
      className="link -my-2.5 inline-flex min-h-11 items-center break-all"
    >
      {address}
    </a>
  );
}

function PhoneLink({ number }: { number: string }) {
  return (
    <a
      href={`tel:${number.replace(/[^+\d]/g, '')}`}
      className="link -my-2.5 inline-flex min-h-11 items-center break-all"
    >
      {number}
    </a>
  );
}
