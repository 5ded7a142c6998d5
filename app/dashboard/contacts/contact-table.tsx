/** Contacts side by side; on a narrow screen each becomes two lines of a list. */
import { PageLink } from '@/app/_components/page-link';
import type { Contact } from '@/lib/api/contacts';
import { places } from '@/lib/places';

export function ContactTable({ contacts, caption }: { contacts: readonly Contact[]; caption: string }) {
  const head = 'py-2 pr-4 text-left text-small font-normal text-soft';
  return (
    <table className="w-full table-fixed border-b border-rule">
      <caption className="sr-only">{caption}</caption>
      <thead className="max-md:sr-only">
        <tr>
          <th scope="col" className={`${head} w-2/5`}>
            Name
          </th>
          <th scope="col" className={head}>
            Company
          </th>
          <th scope="col" className={`${head} w-1/4`}>
            City
          </th>
        </tr>
      </thead>
      <tbody>
        {contacts.map((contact) => (
          <ContactRow key={contact.id} contact={contact} />
        ))}
      </tbody>
    </table>
  );
}

function ContactRow({ contact }: { contact: Contact }) {
  const { id, name, role, company, city, country } = contact;
  const cell = 'py-2 pr-4 align-top max-md:hidden';
  return (
    <tr className="border-t border-rule">
      <th scope="row" className="relative py-2 pr-4 text-left align-top font-normal">
        <PageLink
          href={`${places.contacts}/${encodeURIComponent(id)}`}
          className="link font-semibold after:absolute after:inset-0"
        >
          {name || 'No name'}
        </PageLink>
        <span className="block text-small text-soft md:hidden">{joinWords([company, city])}</span>
        <span className="block text-small text-soft max-md:hidden">{role}</span>
      </th>
      <td className={cell}>{company}</td>
      <td className={cell}>
        {city}
        <span className="block text-small text-soft">{country}</span>
      </td>
    </tr>
  );
}

export function joinWords(words: readonly string[]): string {
  return words.filter(Boolean).join(', ');
}
