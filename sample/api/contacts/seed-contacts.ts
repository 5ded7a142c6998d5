/**
 * Invents a user's first contacts: believable, of many countries, and the same every time for the same user.
 * Addresses and numbers lead nowhere: reserved domains (RFC 2606) and telephone ranges kept free for fiction.
 */
import type { OwnerName } from '../store/owner-store.ts';
import { createRandom, type Random, stableId } from '../store/random.ts';
import { companyKinds, companyNames, notes, roles } from './company-words.ts';
import type { Contact } from './contact.ts';
import { foldText } from './fold-text.ts';
import type { Region } from './region.ts';
import { regionsOfEurope } from './regions-of-europe.ts';
import { regionsOfTheWorld } from './regions-of-the-world.ts';

export const seededContacts = 300;

const regions = [...regionsOfEurope, ...regionsOfTheWorld];
// Fixed, so that the data does not depend on the day of the first call.
const newestUpdateMs = Date.UTC(2026, 8, 30, 17);
const updateSpanMinutes = 400 * 24 * 60;

export function inventContacts(owner: OwnerName): Contact[] {
  const random = createRandom(`contacts\n${owner.issuer}\n${owner.subject}`);
  const contacts = new Map<string, Contact>();
  // By name: nobody appears twice.
  while (contacts.size < seededContacts) {
    const id = stableId('c', owner.issuer, owner.subject, String(contacts.size));
    const contact = inventContact(random, id);
    if (!contacts.has(contact.name)) contacts.set(contact.name, contact);
  }
  return [...contacts.values()];
}

function inventContact(random: Random, id: string): Contact {
  const region = random.pick(regions);
  const person = inventPerson(random, region);
  const company = `${random.pick(companyNames)} ${random.pick(companyKinds)}`;
  const updatedMs = newestUpdateMs - random.below(updateSpanMinutes) * 60_000;
  return {
    id,
    name: person.name,
    company,
    role: random.pick(roles),
    email: `${person.mailbox}@${toAscii(company, '-')}.example`,
    phone: region.phone.replace(/#/g, () => String(random.below(10))),
    city: random.pick(region.cities),
    country: region.country,
    notes: random.pick(notes),
    updated_at: new Date(updatedMs).toISOString(),
    picture_updated_at: null,
  };
}

function inventPerson(random: Random, region: Region): { name: string; mailbox: string } {
  const [given = '', ownGiven] = random.pick(region.given).split('|');
  const [family = '', ownFamily] = random.pick(region.family).split('|');
  const own = region.isFamilyFirst ? `${ownFamily}${ownGiven}` : `${ownGiven} ${ownFamily}`;
  const latin = `${given} ${family}`;
  return {
    name: ownGiven ? `${latin} (${own})` : latin,
    mailbox: `${toAscii(given, '')}.${toAscii(family, '')}`,
  };
}

function toAscii(text: string, separator: string): string {
  const words = foldText(text).match(/[a-z0-9]+/g) ?? [];
  return words.join(separator);
}
